const refresh = `
import { oauthGrant, refreshToken } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession } from '@pds/session'

const { api_endpoint, app, tokens } = JSON.parse(process.env.PDS_TEST)
const transport = createTransport({ api_endpoint })

/** Returns the new access token, or the code of the error. */
export async function refresh(name) {
  try {
    const { refresh_token } = tokens[name]
    return (await refreshToken(transport, { ...app, refresh_token })).access_token
  } catch (error) {
    return error.code
  }
}

export async function callWithSession(name) {
  const session = createSession({ key: name, grant: oauthGrant({ transport, ...app }) })
  await session.setToken(tokens[name])
  const response = await session.fetch(api_endpoint + '/v2/user/get', { method: 'POST', cache: 'no-store' })
  return String(response.status)
}
`

/** Returns a page that is rendered for each request, because it reads the query. */
const page = (body: string, config = '') => `
import { callWithSession, refresh } from '../refresh.js'
${config}
export default async function Page({ searchParams }) {
  const { name } = await searchParams
  return ${body}
}
`

/** The files of the application. The routes have the names of the tokens that they refresh. */
export const nextAppFiles: Readonly<Record<string, string>> = {
  'app/refresh.js': refresh,
  'app/layout.js': `
import { createElement } from 'react'

export default function Layout({ children }) {
  return createElement('html', null, createElement('body', null, children))
}
`,
  'app/page/page.js': page('refresh(name)'),
  'app/default-cache/page.js': page('refresh(name)', "export const fetchCache = 'default-cache'"),
  'app/force-cache/page.js': page('refresh(name)', "export const fetchCache = 'force-cache'"),
  'app/session/page.js': page('callWithSession(name)', "export const fetchCache = 'default-cache'"),
  'app/handler/route.js': `
import { refresh } from '../refresh.js'

export const fetchCache = 'default-cache'

export async function GET(request) {
  return new Response(await refresh(request.nextUrl.searchParams.get('name')))
}
`,
  // Without a query, the build renders this page.
  'app/build/page.js': `
import { refresh } from '../refresh.js'

export default function Page() {
  return refresh('build')
}
`,
}
