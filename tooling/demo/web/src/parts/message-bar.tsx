import { useEffect, useRef } from 'react'
import { explanationText } from '../explain-error.ts'
import { useTexts } from '../language.tsx'
import { usePageState } from '../page-state.tsx'
import { Icon } from './icon.tsx'

/** The failure that the page shows, above everything else. Screen readers read it and what the user has done. */
export function MessageBar() {
  const texts = useTexts()
  const { message, status, dismiss } = usePageState()
  const bar = useRef<HTMLDivElement>(null)

  useEffect(() => {
    // The focused button is hidden.
    if (!message && bar.current?.contains(document.activeElement)) document.getElementById('main')?.focus()
  }, [message])

  const { explanation, retry } = message ?? {}
  const { key, remedy, reqId } = explanation ?? {}
  const text = key && explanationText(key, texts)
  const actions = { retry, reload: () => location.reload() }
  const act = remedy && actions[remedy]
  return (
    <>
      <p className="unseen" role="status">
        {status?.(texts)}
      </p>
      <div className="message-bar" ref={bar} hidden={!message}>
        <Icon name="warning" />
        <div className="message-text">
          <p role="alert">{text}</p>
          {reqId && <p className="small soft">{texts.requestId(reqId)}</p>}
        </div>
        {act && (
          <button className="button small" type="button" onClick={act}>
            {texts.remedies[remedy]}
          </button>
        )}
        <button className="plain" type="button" aria-label={texts.dismiss} onClick={dismiss}>
          <Icon name="close" />
        </button>
      </div>
    </>
  )
}
