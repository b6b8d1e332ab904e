import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os, { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MeasuredClock } from './measured-clock.ts'

const hour = 3_600_000
const uptime = vi.spyOn(os, 'uptime')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-clock-'))
  vi.useFakeTimers({ toFake: ['Date'], now: 10 * hour })
  uptime.mockReturnValue(1000)
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  vi.useRealTimers()
})

/** Lets time pass, for the clock and for the time since the start of the machine. */
function pass(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds)
  uptime.mockReturnValue(uptime() + milliseconds / 1000)
}

const open = () => new MeasuredClock(path.join(folder, 'clock.json'))

it('is shared by all processes, also by those that have started before', () => {
  const before = open()
  open().measure(Date.now() - 3 * hour)
  expect([before.offset, open().offset]).toEqual([-3 * hour, -3 * hour])
  pass(24 * hour)
  expect(open().offset).toBe(-3 * hour)
})

it('writes nothing for a clock that is right', () => {
  open().measure(Date.now() + 29_000)
  expect(readdirSync(folder)).toEqual([])
  expect(open().offset).toBeUndefined()
})

it('is unknown after the clock was set', () => {
  open().measure(Date.now() - 3 * hour)
  vi.setSystemTime(Date.now() - 3 * hour)
  expect(open().offset).toBeUndefined()
  // The next measurement applies.
  open().measure(Date.now() + hour)
  expect(open().offset).toBe(hour)
})

it('is unknown after a restart of the machine', () => {
  open().measure(Date.now() - 3 * hour)
  vi.setSystemTime(Date.now() + 60_000)
  uptime.mockReturnValue(10)
  expect(open().offset).toBeUndefined()
})

it('is deleted when the service and the machine agree again', () => {
  const clock = open()
  clock.measure(Date.now() - 3 * hour)
  clock.measure(Date.now())
  expect(readdirSync(folder)).toEqual([])
})

it('is written again only if it differs by 5 seconds', () => {
  const clock = open()
  clock.measure(Date.now() + hour)
  clock.measure(Date.now() + hour + 4000)
  expect(clock.offset).toBe(hour)
  clock.measure(Date.now() + hour + 6000)
  expect(clock.offset).toBe(hour + 6000)
})

it.each([
  '',
  'null',
  '{}',
  '[]',
  '{"offset":1e9}',
  '{"offset":"1","startedAt":"x"}',
  '{"offset":null,"startedAt":0}',
])('ignores the damaged file %j', (text) => {
  writeFileSync(path.join(folder, 'clock.json'), text)
  expect(open().offset).toBeUndefined()
  open().measure(Date.now() + hour)
  expect(open().offset).toBe(hour)
})

it('is a private file, and needs no folder', () => {
  open().measure(Date.now() + hour)
  if (process.platform !== 'win32') expect(statSync(path.join(folder, 'clock.json')).mode & 0o777).toBe(0o600)
  const file = path.join(folder, 'file')
  writeFileSync(file, '')
  expect(() => new MeasuredClock(path.join(file, 'clock.json')).measure(Date.now() + hour)).not.toThrow()
})
