import { explainError } from '../explain-error.ts'
import { useTexts } from '../language.tsx'

/** Shows that it could not be found out whether a user is signed in. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const { failed, errors, remedies, requestId } = useTexts()
  const { key, reqId } = explainError(error)
  const [what, advice] = errors[key]
  return (
    <section className="card failed" role="alert">
      <h1 tabIndex={-1}>{failed.title}</h1>
      <p>{what}</p>
      <p className="soft">{advice}</p>
      {reqId && <p className="small soft">{requestId(reqId)}</p>}
      <button className="button primary" type="button" onClick={retry}>
        {remedies.retry}
      </button>
    </section>
  )
}
