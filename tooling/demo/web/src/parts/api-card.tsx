import { usePdsFetch } from '@pds/react'
import { useState } from 'react'
import { explainStatus } from '../explain-error.ts'
import { formatBody } from '../format.ts'
import { useTexts } from '../language.tsx'
import { api_endpoint } from '../page-session.ts'
import { usePageState } from '../page-state.tsx'
import { useAction } from '../use-action.ts'
import { ActionButton } from './button.tsx'
import { ScrollBox } from './scroll-box.tsx'

const paths = { user: '/v2/user/get', drives: '/v2/drive/list' } as const
const calls = ['user', 'drives'] as const

/** A response as the page shows it. */
interface ShownResponse {
  readonly status: string
  readonly isOk: boolean
  readonly body: string
  /** In milliseconds. */
  readonly duration: number
}

/** Calls the API of the service, and shows the response. */
export function ApiCard() {
  const { api } = useTexts()
  const { say, warn, note } = usePageState()
  const pdsFetch = usePdsFetch()
  const [chosen, choose] = useState<(typeof calls)[number]>('user')
  const [shown, show] = useState<ShownResponse>()
  const path = paths[chosen]

  const call = useAction(
    ({ busy }) => busy.calling,
    async () => {
      // A failure must not be shown beside the response of an earlier call.
      show(undefined)
      const startedAt = performance.now()
      const response = await pdsFetch(`${api_endpoint}${path}`, { method: 'POST' })
      const { status, statusText, ok, headers } = response
      const body = formatBody(await response.text())
      const duration = Math.round(performance.now() - startedAt)
      show({ status: `${status} ${statusText}`.trim(), isOk: ok, body, duration })
      note({ kind: 'called', path, status })
      if (ok) say(({ done }) => done.called(status))
      else warn(explainStatus(status, headers.get('x-ca-request-id') ?? undefined), () => void call.run())
    },
  )

  return (
    <section className="card api" aria-labelledby="api-title">
      <h2 id="api-title">{api.title}</h2>
      <div className="row">
        <fieldset className="choice">
          <legend className="unseen">{api.choose}</legend>
          {calls.map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="call"
                checked={name === chosen}
                onChange={() => {
                  choose(name)
                  show(undefined)
                }}
              />
              <span>{api.calls[name]}</span>
            </label>
          ))}
        </fieldset>
        <ActionButton action={call} isPrimary>
          {api.call}
        </ActionButton>
      </div>
      <div className="exchange">
        <p className="request">
          <code>POST {path}</code>
          {shown && (
            <span className="outcome">
              <span className="badge" data-tone={shown.isOk ? 'ok' : 'alert'} data-testid="api-status">
                {shown.status}
              </span>
              <span className="duration soft small">{api.duration(shown.duration)}</span>
            </span>
          )}
        </p>
        <ScrollBox className="response" label={api.response}>
          {shown ? <pre>{shown.body || api.noBody}</pre> : <p className="soft">{api.empty}</p>}
        </ScrollBox>
      </div>
    </section>
  )
}
