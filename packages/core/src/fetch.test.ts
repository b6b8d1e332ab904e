import * as core from '@pds/core'
import * as coreFetch from '@pds/core/fetch'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

describe('@pds/core/fetch', () => {
  it('has the exports of @pds/core, and the same error class', () => {
    expect(Object.keys(coreFetch).sort()).toEqual(Object.keys(core).sort())
    expect(coreFetch.PDSError).toBe(core.PDSError)
  })

  it('creates no Headers and no Request before the first call, which are slow to load in Node.js', async () => {
    const created = vi.fn()
    for (const name of ['Headers', 'Request', 'Response']) {
      vi.stubGlobal(
        name,
        class {
          constructor() {
            created(name)
          }
        },
      )
    }
    vi.resetModules()
    const { createTransport } = await import('@pds/core/fetch')
    createTransport({ api_endpoint: 'https://bj1.test' })
    expect(created).not.toHaveBeenCalled()
  })
})
