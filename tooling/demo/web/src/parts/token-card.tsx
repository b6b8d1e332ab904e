import { isPDSError } from '@pds/core/fetch'
import { usePdsSession } from '@pds/react'
import type { Session } from '@pds/session'
import { useEffect, useState } from 'react'
import { explanationText } from '../explain-error.ts'
import { fingerprint, formatTime, formatTimeLeft } from '../format.ts'
import { useTexts } from '../language.tsx'
import { tellOtherTabs } from '../other-tabs.ts'
import { renewNow } from '../page-session.ts'
import { usePageState } from '../page-state.tsx'
import { useAction } from '../use-action.ts'
import { useNow } from '../use-now.ts'
import { ActionButton } from './button.tsx'

// The lifetime of an access token in seconds, as the vendor documents it.
const lifetime = 7200
// The session renews a token with a shorter lifetime left, in seconds.
const renewalThreshold = 30

/** Shows how long the token is valid, and renews it. */
export function TokenCard({ session }: { session: Session }) {
  const { token, lang } = useTexts()
  const { say } = usePageState()
  const account = usePdsSession()
  const hash = useFingerprint(session, account)
  const now = useNow()
  const [retryAt, setRetryAt] = useState(0)
  const { expiresAt = now } = account
  const left = Math.max(0, (expiresAt - now) / 1000)
  const isExpiring = left < renewalThreshold

  useEffect(() => {
    // The events of the session report a failure.
    if (isExpiring) session.getToken().catch(() => undefined)
  }, [session, isExpiring])

  const renew = useAction(
    ({ busy }) => busy.renewing,
    async () => {
      try {
        await renewNow(session)
      } catch (error) {
        if (!isPDSError(error) || error.status !== 429) throw error
        // The card shows when it is possible again.
        setRetryAt(error.retryAt ?? 0)
        return say((texts) => explanationText('throttled', texts))
      }
      tellOtherTabs({ type: 'renewed' })
      say(({ done }) => done.renewed)
    },
  )
  const wait = Math.ceil((retryAt - now) / 1000)
  return (
    <section className="card token" aria-labelledby="token-title">
      <h2 id="token-title">{token.title}</h2>
      <div>
        <p className="soft small">{token.left}</p>
        <p className="time-left" data-testid="time-left">
          {formatTimeLeft(left, token)}
        </p>
        <div className="meter" aria-hidden="true">
          <div style={{ '--share': Math.min(1, left / lifetime) } as object} />
        </div>
      </div>
      <dl className="facts">
        <div>
          <dt>{token.expiresAt}</dt>
          <dd>
            <time dateTime={new Date(expiresAt).toISOString()}>{formatTime(expiresAt, lang)}</time>
          </dd>
        </div>
        <div>
          <dt>{token.fingerprint}</dt>
          <dd>
            <code className="digits" data-testid="token-fingerprint">
              {/* Keeps the line where it is. */}
              {hash || '\u00A0'}
            </code>
            <span className="soft small">{token.fingerprintNote}</span>
          </dd>
        </div>
      </dl>
      <div className="stack">
        <ActionButton action={renew} isBlocked={wait > 0}>
          {token.renew}
        </ActionButton>
        <p className="soft small note">{wait > 0 ? token.renewWait(wait) : token.renewNote}</p>
      </div>
    </section>
  )
}

/** Returns the fingerprint of the current token. `account` is another object after each change. */
function useFingerprint(session: Session, account: object): string {
  const [hash, setHash] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the account is a change of the token
  useEffect(() => {
    let isCurrent = true
    session
      .getAccessToken()
      .then(fingerprint)
      .then((found) => {
        if (isCurrent) setHash(found)
      })
      .catch(() => undefined)
    return () => {
      isCurrent = false
    }
  }, [session, account])
  return hash
}
