/** The origins whose pages may call a route. */
export interface KnownOrigins {
  /** The origin of the application, if it is known. */
  readonly own: string | undefined
  /** Other origins, which need CORS. */
  readonly named: ReadonlySet<string>
}

/**
 * Checks that a page of the application sent a request: a page of another site must not use the cookies (RFC 9700 section
 * 4.7, CSRF). Every browser sends the origin of a POST.
 */
export function isKnownOrigin({ headers, url }: Request, { own, named }: KnownOrigins): boolean {
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (origin !== null && named.has(origin)) return true
  if (site !== null && site !== 'same-origin') return false
  if (origin === null) return site !== null
  // The browser compared the origins itself. Behind a proxy, the URL of the request has another one.
  if (own === undefined) return site !== null || origin === new URL(url).origin
  return origin === own
}

/** Checks that a request is the navigation of a tab, unless the browser does not say: a page of another site cannot load it in a frame or as an image. */
export function isNavigation({ headers }: Request): boolean {
  const destination = headers.get('sec-fetch-dest')
  return destination === null || destination === 'document'
}
