import { entryText } from '../activity.ts'
import { formatTime } from '../format.ts'
import { useTexts } from '../language.tsx'
import { usePageState } from '../page-state.tsx'
import { ScrollBox } from './scroll-box.tsx'

/** Lists the recent events, newest first. */
export function ActivityCard() {
  const texts = useTexts()
  const { entries } = usePageState()
  return (
    <section className="card activity" aria-labelledby="activity-title">
      <h2 id="activity-title">{texts.activity.title}</h2>
      <ScrollBox className="entries" label={texts.activity.entries}>
        <ol data-testid="activity">
          {entries.map((entry) => (
            <li key={entry.id}>
              <time dateTime={new Date(entry.at).toISOString()}>{formatTime(entry.at, texts.lang)}</time>
              <span>{entryText(entry, texts)}</span>
            </li>
          ))}
        </ol>
      </ScrollBox>
    </section>
  )
}
