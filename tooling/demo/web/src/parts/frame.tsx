import logo from 'look/logo.svg'
import { useSwitchLanguage, useTexts } from '../language.tsx'
import { api_endpoint } from '../page-session.ts'
import { Icon } from './icon.tsx'

/** The top of the page: its name, the log of the service and the language. */
export function Header() {
  const texts = useTexts()
  const switchLanguage = useSwitchLanguage()
  const otherLang = texts.lang === 'en' ? 'zh-Hans' : 'en'
  return (
    <header className="top">
      <a className="skip" href="#main">
        {texts.skip}
      </a>
      <p className="brand">
        <img src={logo} alt="" width="28" height="28" />
        {texts.name}
      </p>
      <a className="quiet" href={`${api_endpoint}/`} target="_blank" rel="noopener">
        {texts.log}
        <Icon name="open" />
        <span className="unseen">{texts.newTab}</span>
      </a>
      <button className="quiet" type="button" lang={otherLang} onClick={switchLanguage}>
        {texts.otherLanguage}
      </button>
    </header>
  )
}

/** The bottom of the page. */
export function Footer() {
  const { footer } = useTexts()
  return <footer>{footer}</footer>
}
