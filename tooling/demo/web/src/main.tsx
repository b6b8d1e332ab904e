import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { explainSignIn } from './explain-error.ts'
import { createPageSession } from './page-session.ts'

// The back end redirects to this page with the code of a failed sign-in. It must not stay in the history.
const query = new URLSearchParams(location.search)
const code = query.get('code')
const failure = code === null ? undefined : explainSignIn(code, query.get('reqId') ?? undefined)
if (location.search !== '') history.replaceState(null, '', location.pathname)

const root = document.getElementById('root') as HTMLElement
createRoot(root).render(
  <StrictMode>
    <App session={createPageSession()} failedSignIn={failure} />
  </StrictMode>,
)
