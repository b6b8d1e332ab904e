import { createContext, runInContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { commandTime, type EngineTab, startCall, waitForValue, withLimit } from './engine.ts'

/** Returns the tab of a browser without a screen, a network and other tabs. */
function createTab(): EngineTab {
  const page = createContext({})
  return {
    evaluate: async (expression) =>
      JSON.parse(runInContext(`JSON.stringify(${expression}) ?? 'null'`, page) as string),
  } as EngineTab
}

describe('a tab', () => {
  afterEach(() => vi.useRealTimers())

  it('runs several calls at the same time', async () => {
    const tab = createTab()
    const first = await startCall(tab, 'new Promise((resolve) => { globalThis.finish = resolve })')
    const second = await startCall(tab, '(async () => globalThis.finish({ text: "a" }))()')
    expect(await first.result()).toEqual({ text: 'a' })
    expect(await second.result()).toBeUndefined()
  })

  it('rejects the result of a call that throws', async () => {
    const call = await startCall(createTab(), 'missing()')
    await expect(call.result()).rejects.toThrow('missing(): ReferenceError: missing is not defined')
  })

  it('waits until an expression has a value', async () => {
    const tab = createTab()
    const waiting = waitForValue(tab, 'globalThis.value')
    await tab.evaluate('void (globalThis.value = 0)')
    expect(await waiting).toBe(0)
  })

  it('fails a command of a browser that hangs', async () => {
    vi.useFakeTimers()
    const hanging = expect(withLimit('a command', new Promise(() => {}))).rejects.toThrow(
      `a command took longer than ${commandTime} ms`,
    )
    await vi.advanceTimersByTimeAsync(commandTime)
    await hanging
  })
})
