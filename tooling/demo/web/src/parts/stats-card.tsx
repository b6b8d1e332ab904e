import type { SessionsStats } from '@pds/session'
import { useEffect, useState } from 'react'
import { useTexts } from '../language.tsx'
import { usePageState } from '../page-state.tsx'

const names = ['open', 'renewing', 'waiting', 'failed'] as const

/** Shows the numbers of the back end's sessions. Reads them after each event. */
export function StatsCard() {
  const { stats } = useTexts()
  const { entries } = usePageState()
  const [numbers, setNumbers] = useState<SessionsStats>()

  // biome-ignore lint/correctness/useExhaustiveDependencies: each entry may change the numbers
  useEffect(() => {
    const controller = new AbortController()
    fetch('/stats', { signal: controller.signal })
      .then((response) => response.json())
      .then(setNumbers)
      // The last numbers stay.
      .catch(() => undefined)
    return () => controller.abort()
  }, [entries])

  return (
    <section className="card stats" aria-labelledby="stats-title">
      <h2 id="stats-title">{stats.title}</h2>
      <dl>
        {names.map((name) => (
          <div key={name}>
            <dt>{stats.names[name]}</dt>
            <dd data-testid={`stats-${name}`}>{numbers?.[name] ?? '–'}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
