import type { OptionValidator } from '@pds/core/internal'

/** The host of a redirect URI that leads to this machine. */
export type LoopbackHost = '127.0.0.1' | '[::1]' | 'localhost'

/** The parts of a registered redirect URI. */
export interface RedirectUri {
  host: LoopbackHost
  /** The port, or 0 if it has none. */
  port: number
  /** Returns the redirect URI with a port. Its other characters stay as they are, because servers compare strings. */
  withPort(port: number): string
}

// Names that resolve to this machine are accepted only as localhost: a name server decides where others lead.
const pattern = /^(http:\/\/(127\.0\.0\.1|\[::1\]|localhost))(?::(\d{1,5}))?((?:[/?][^\s#]*)?)$/

/** Accepts a redirect URI of this machine. */
export const redirectUriOption: OptionValidator<string> = {
  wants:
    'an http: URL of 127.0.0.1, [::1] or localhost without a fragment, for example http://127.0.0.1/callback',
  accepts: (value) => typeof value === 'string' && pattern.test(value) && URL.canParse(value),
}

/** Returns the parts of a redirect URI that `redirectUriOption` accepts. */
export function parseRedirectUri(text: string): RedirectUri {
  const [, origin = '', host, port = '0', rest = ''] = pattern.exec(text) ?? []
  return {
    host: host as LoopbackHost,
    // Not the port of a URL, which omits 80.
    port: Number(port),
    withPort: (actual) => `${origin}:${actual}${rest}`,
  }
}
