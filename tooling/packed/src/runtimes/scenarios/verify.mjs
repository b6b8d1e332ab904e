/** Throws if a value differs from the expected value. Compares both as JSON. */
export function verify(name, actual, expected) {
  const [received, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (received !== wanted) throw new Error(`${name} must be ${wanted} (received ${received})`)
}

/** Returns the `code`, the `outcome` and the message of the `PDSError` with which a call must fail. */
export async function failureOf(call) {
  try {
    await call
  } catch (error) {
    if (error?.name !== 'PDSError') throw error
    const { code, outcome, message } = error
    return { code, outcome, message }
  }
  throw new Error('the call did not fail')
}

/** Returns the status of a response to a protected call with a token. */
export async function statusOf(api_endpoint, access_token) {
  const response = await fetch(`${api_endpoint}/v2/user/get`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  await response.text()
  return response.status
}
