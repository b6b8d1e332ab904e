import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

const params = [
  'client_id',
  'client_secret',
  'redirect_uri',
  'code',
  'user_id',
  'auto_create',
  'subdomain_id',
]

describe('nearestName', () => {
  it.each([
    ['autoCreate', 'auto_create'],
    ['AUTO-CREATE', 'auto_create'],
    ['sub_domain_id', 'subdomain_id'],
    ['clientSecret', 'client_secret'],
    ['redirect_urls', 'redirect_uri'],
    ['userid', 'user_id'],
    ['usr_id', 'user_id'],
    ['cdoe', undefined],
    ['redriect_uri', 'redirect_uri'],
    ['cod', 'code'],
    ['secret', undefined],
    ['', undefined],
    ['x'.repeat(1_000_000), undefined],
  ])('of %.20s is %s', (wrong, name) => {
    expect(nearestName(wrong, params)).toBe(name)
  })

  it('is the most similar one, and the first of equal ones', () => {
    expect(nearestName('timeot', ['timeouts', 'timeout', 'timout'])).toBe('timeout')
    expect(nearestName('timeout', ['totalTimeout', 'timeOut'])).toBe('timeOut')
  })
})
