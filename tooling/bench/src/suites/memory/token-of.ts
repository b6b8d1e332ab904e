/** The JSON of a user's token, of about the size of the service's. */
export function tokenOf(user_id: string): string {
  return JSON.stringify({
    access_token: user_id.padEnd(512, 'a'),
    refresh_token: user_id.padEnd(32, 'r'),
    expires_in: 7200,
    expire_time: '2099-01-01T00:00:00Z',
    token_type: 'Bearer',
    domain_id: 'bj1',
    user_id,
    user_name: user_id,
    role: 'user',
    status: 'enabled',
  })
}
