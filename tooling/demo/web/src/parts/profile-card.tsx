import type { Session, SessionUser } from '@pds/session'
import { initials } from '../format.ts'
import { useTexts } from '../language.tsx'
import { tellOtherTabs } from '../other-tabs.ts'
import { usePageState } from '../page-state.tsx'
import { useAction } from '../use-action.ts'
import { ActionButton } from './button.tsx'
import { Icon } from './icon.tsx'

/** Shows the user, and signs the user out. */
export function ProfileCard({ session, user }: { session: Session; user: SessionUser }) {
  const { profile, newTab } = useTexts()
  const { say, warn } = usePageState()
  const signOut = useAction(
    ({ busy }) => busy.signingOut,
    async () => {
      const { revoked } = await session.signOut()
      tellOtherTabs({ type: 'signed_out' })
      const again = () => void signOut.run()
      if (revoked) say(({ done }) => done.signedOut)
      else warn({ key: 'signOutUnconfirmed', remedy: 'retry' }, again)
    },
  )
  const { id = profile.unknown, name = profile.unnamed, role } = user
  const knownRoles: Readonly<Record<string, string>> = profile.roles
  return (
    <section className="card profile" aria-labelledby="user-name">
      <div className="avatar" aria-hidden="true">
        {initials(name)}
      </div>
      <div className="who">
        <h1 id="user-name" data-testid="user-name" tabIndex={-1}>
          {name}
        </h1>
        <dl className="inline">
          <div>
            <dt>{profile.id}</dt>
            <dd>{id}</dd>
          </div>
          <div>
            <dt>{profile.role}</dt>
            <dd>{role === undefined ? profile.unknown : (knownRoles[role] ?? role)}</dd>
          </div>
        </dl>
      </div>
      <div className="row">
        <a className="button" href="/" target="_blank" rel="noopener">
          {profile.secondTab}
          <Icon name="open" />
          <span className="unseen">{newTab}</span>
        </a>
        <ActionButton action={signOut}>{profile.signOut}</ActionButton>
      </div>
    </section>
  )
}
