import { afterAll, expect, it } from 'vitest'
import { callThrottled, poolTokens, startThrottledService } from './throttled-callers.ts'
import type { ServiceLimit } from './throttled-service.ts'

const service = startThrottledService()
afterAll(() => service.end())

it.each<[string, ServiceLimit]>([
  ['20 requests at a time', { atATime: 20 }],
  ['200 requests a second', { perSecond: 200 }],
])(
  '1,000 users of a service that takes %s all get their token, with few rejected requests',
  async (_name, limit) => {
    const { succeeded, granted, rejectedShare } = await callThrottled(service, limit, 1000, poolTokens)
    expect(succeeded).toBe(1000)
    // No token was obtained twice.
    expect(granted).toHaveLength(1000)
    expect(new Set(granted).size).toBe(1000)
    // The limit was in effect. A slow machine sends fewer than 200 requests a second.
    if ('atATime' in limit) expect(rejectedShare).toBeGreaterThan(0)
    expect(rejectedShare).toBeLessThanOrEqual(0.2)
  },
)
