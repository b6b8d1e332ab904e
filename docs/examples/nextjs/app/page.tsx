import { fromEnv } from '@pds/auth-jwt'
import { headers } from 'next/headers'
import { pds } from '../lib/pds'
import { Account } from './account'

interface Props {
  searchParams: Promise<{ code?: string }>
}

export default async function Page({ searchParams }: Props) {
  const { code } = await searchParams
  const session = await pds.sessionOf(await headers())
  const state = await session?.status()
  if (state?.status !== 'ok') {
    return (
      <main>
        <h1>Welcome</h1>
        {code && <p role="alert">The sign-in failed: {code}</p>}
        {/* Not a Link, which Next.js requests in advance. */}
        <a href="/pds/sign-in?returnTo=/">Sign in</a>
      </main>
    )
  }
  return (
    <main>
      <h1>Hello {state.user?.name}</h1>
      <Account apiEndpoint={fromEnv().transport.api_endpoint} initialState={state} />
    </main>
  )
}
