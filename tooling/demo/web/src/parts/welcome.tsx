import source from '../../../src/create-pds.ts?raw'
import { useTexts } from '../language.tsx'
import { signInUrl } from '../page-session.ts'
import { Icon } from './icon.tsx'
import { ScrollBox } from './scroll-box.tsx'

const icons = ['lock', 'renew', 'info'] as const

// The function, without imports and types.
const backEnd = source.split('\n\n').find((block) => block.includes('export function')) ?? ''
const tokens = backEnd
  .slice(backEnd.indexOf('export'))
  .split(/('[^']*'|\b(?:export|function|const|return|new|async|await)\b)/)

/** The page of a signed-out user. */
export function Welcome() {
  const { welcome } = useTexts()
  return (
    <>
      <div className="hero">
        <section className="pitch">
          <h1 tabIndex={-1}>{welcome.title}</h1>
          <p className="lead">{welcome.lead}</p>
          <a className="button primary large" href={signInUrl}>
            {welcome.signIn}
            <Icon name="arrow" />
          </a>
          <p className="small soft">{welcome.users}</p>
        </section>
        <figure className="code">
          <figcaption>{welcome.code}</figcaption>
          <ScrollBox className="lines" label={welcome.code}>
            <pre translate="no">
              <code>
                {tokens.map((token, index) =>
                  // Texts and key words alternate with other code.
                  index % 2 === 1 ? (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
                    <span key={index} className={token.startsWith("'") ? 'text' : 'word'}>
                      {token}
                    </span>
                  ) : (
                    token
                  ),
                )}
              </code>
            </pre>
          </ScrollBox>
        </figure>
      </div>
      <ul className="features">
        {welcome.facts.map(({ title, text }, index) => (
          <li key={title} className="card">
            <Icon name={icons[index] ?? 'info'} />
            <h2>{title}</h2>
            <p className="soft">{text}</p>
          </li>
        ))}
      </ul>
    </>
  )
}
