import { openAccount } from '../account/open-account.ts'
import type { CommandContext } from './command.ts'
import { type AccountValues, getToken } from './token.ts'

/** Shows the user of the stored sign-in. Renews the token if it expires soon. */
export async function run(values: AccountValues, context: CommandContext): Promise<void> {
  const { output } = context
  const account = await openAccount(values, output)
  try {
    await getToken(account, values.user, context)
    const { name, profile, session } = account
    const { user } = session.state
    const { api_endpoint, client_id } = profile
    const role = user?.role === undefined ? '' : `, ${user.role}`
    output.result(
      `${user?.name ?? client_id} (${user?.id ?? client_id}${role}) · ${new URL(api_endpoint).host}`,
      {
        profile: name,
        user_id: user?.id ?? null,
        user_name: user?.name ?? null,
        role: user?.role ?? null,
        client_id,
        api_endpoint,
      },
    )
  } finally {
    account.close()
  }
}
