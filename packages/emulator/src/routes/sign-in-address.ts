import type { OAuthApp } from '../domain/apps.ts'

export const authorizePath = '/v2/oauth/authorize'

/** The address of the page on which a user signs in to an application, as this would send a browser there. */
export function signInAddress(api_endpoint: string, { client_id, redirect_uris }: OAuthApp): string {
  const query = new URLSearchParams({
    response_type: 'code',
    login_type: 'default',
    client_id,
    redirect_uri: redirect_uris[0] ?? '',
  })
  return `${api_endpoint}${authorizePath}?${query}`
}
