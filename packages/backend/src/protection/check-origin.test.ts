import { describe, expect, it } from 'vitest'
import { isKnownOrigin, isNavigation } from './check-origin.ts'

const own = 'https://app.example.com'
const named = new Set(['https://admin.example.com'])
const requestOf = (headers: Record<string, string>, url = `${own}/pds/token`) =>
  new Request(url, { method: 'POST', headers })
const origin = (value: string) => ({ origin: value })
const site = (value: string) => ({ 'sec-fetch-site': value })

describe('a POST', () => {
  it.each([
    // With Sec-Fetch-Site, which pages cannot set.
    [{ ...origin(own), ...site('same-origin') }, true],
    [{ ...site('same-origin') }, true],
    [{ ...origin('https://evil.example'), ...site('cross-site') }, false],
    [{ ...origin('https://evil.example'), ...site('same-origin') }, false],
    [{ ...origin('https://www.example.com'), ...site('same-site') }, false],
    [{ ...origin(own), ...site('cross-site') }, false],
    [{ ...origin(own), ...site('none') }, false],
    [{ ...site('none') }, false],
    [{ ...origin('null'), ...site('cross-site') }, false],
    [{ ...origin('null'), ...site('same-origin') }, false],
    [{ ...origin('https://admin.example.com'), ...site('same-site') }, true],
    [{ ...origin('https://admin.example.com'), ...site('cross-site') }, true],
    // Without it, as of older browsers.
    [origin(own), true],
    [origin('http://app.example.com'), false],
    [origin('https://app.example.com:8443'), false],
    [origin('https://app.example.com.evil.example'), false],
    [origin('https://admin.example.com'), true],
    [origin(''), false],
    [origin('null'), false],
    // No browser sends neither.
    [{}, false],
    [{ referer: `${own}/` }, false],
  ])('with %j: %s', (headers, isKnown) => {
    expect(isKnownOrigin(requestOf(headers as Record<string, string>), { own, named })).toBe(isKnown)
  })

  it.each([
    [{ ...origin(own), ...site('same-origin') }, true],
    [{ ...origin('https://evil.example'), ...site('cross-site') }, false],
    [origin(own), false],
    [origin('http://internal:3000'), true],
    [{}, false],
  ])('behind a proxy, without the option origin, with %j: %s', (headers, isKnown) => {
    const request = requestOf(headers as Record<string, string>, 'http://internal:3000/pds/token')
    expect(isKnownOrigin(request, { own: undefined, named: new Set() })).toBe(isKnown)
  })
})

it.each([
  [{}, true],
  [{ 'sec-fetch-dest': 'document' }, true],
  [{ 'sec-fetch-dest': 'iframe' }, false],
  [{ 'sec-fetch-dest': 'empty' }, false],
])('a GET with %j is a navigation: %s', (headers, expected) => {
  expect(isNavigation(new Request(own, { headers: headers as Record<string, string> }))).toBe(expected)
})
