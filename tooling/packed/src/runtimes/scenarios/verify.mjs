/** Fails where a value is not the one that it must be; both are compared as JSON. */
export function verify(what, actual, expected) {
  const [is, must] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== must) throw new Error(`${what} is ${is}, and must be ${must}`)
}

/** The `code` and the `outcome` of the error that a call must end with. */
export async function failureOf(call) {
  try {
    await call
  } catch (error) {
    if (error?.name !== 'PDSError') throw error
    const { code, outcome, message } = error
    return { code, outcome, message }
  }
  throw new Error('the call has not failed')
}

/** The status with which a protected call answers to a token. */
export async function statusOf(api_endpoint, access_token) {
  const answer = await fetch(`${api_endpoint}/v2/user/get`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  await answer.text()
  return answer.status
}
