import { expect, it } from 'vitest'
import { formActionOf } from './form-page.ts'

const loopback = 'http://localhost:* http://127.0.0.1:*'

it.each([
  ['http://127.0.0.1:3000/callback', loopback],
  ['http://localhost/callback', loopback],
  ['https://app.example.com:8443/callback?a=1', 'https://app.example.com:8443'],
  ['http://app.example.com/callback', 'http://app.example.com'],
  ['http://[::1]:3000/callback', 'http:'],
  ['com.example.app:/callback', 'com.example.app:'],
  ["https://a;script-src'unsafe-inline'/callback", 'https:'],
  ['https://a,b/callback', 'https:'],
])('allows %s with the source %s', (redirectUri, source) => {
  expect(formActionOf(redirectUri)).toBe(source)
})
