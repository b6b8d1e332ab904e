import type { Session, SessionUser } from '@pds/session'
import { ActivityCard } from './activity-card.tsx'
import { ApiCard } from './api-card.tsx'
import { ProfileCard } from './profile-card.tsx'
import { StatsCard } from './stats-card.tsx'
import { TokenCard } from './token-card.tsx'

/** The page of a signed-in user. */
export function Account({ session, user }: { session: Session; user: SessionUser }) {
  return (
    <div className="account">
      <ProfileCard session={session} user={user} />
      <TokenCard session={session} />
      <ApiCard />
      <ActivityCard />
      <StatsCard />
    </div>
  )
}
