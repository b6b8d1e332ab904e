import { expect, it } from 'vitest'
import { call, failure, serve } from '../test/scripted-server.test-helper.ts'

it.each([
  ['invalid_client', 401, 'check client_id, client_secret and client_auth'],
  ['invalid_request', 400, 'check the required parameters'],
  ['invalid_scope', 400, 'check scope'],
  ['unauthorized_client', 400, 'check its grant types'],
  ['unsupported_grant_type', 400, 'check token_endpoint'],
])('the message for %s says what to check', async (error, status, check) => {
  const tail = ` (${check}) [status: ${status}] [code: ${error}]`
  for (const [error_description, message] of [
    [undefined, `the server responded with the error ${error}`],
    ['Not today.', 'Not today.'],
  ]) {
    const { api_endpoint } = await serve({ status, body: { error, error_description } })
    expect(await failure(call(api_endpoint))).toMatchObject({ code: error, message: `${message}${tail}` })
  }
})

it.each(['invalid_grant', 'UserNotEnabled', 'toString'])('the message names the code %s', async (error) => {
  const { api_endpoint } = await serve({ status: 400, body: { error } })
  expect(await failure(call(api_endpoint))).toMatchObject({
    code: error,
    message: `the server responded with the error ${error} [status: 400] [code: ${error}]`,
  })
})
