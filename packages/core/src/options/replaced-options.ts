import { nearestName } from './nearest-name.ts'

// The unsupported options, and what to use instead: a list of names for each hint.
// Bundles for browsers do not contain this list; see platform.browser.ts.
const replacements = [
  [
    'adapter allowedSocketPaths env family http2Options httpAgent httpVersion httpsAgent insecureHTTPParser lookup maxRate proxy socketPath transport',
    "configure it in the transport's fetch",
  ],
  ['allowAbsoluteUrls baseURL baseUrl prefix url', "use the transport's endpoints and the pathname"],
  ['auth withXSRFToken xsrfCookieName xsrfHeaderName', 'use headers'],
  ['beforeRedirect sensitiveHeaders', 'redirects are never followed'],
  ['cancelToken', 'use signal'],
  [
    'body data formDataHeaderPolicy formSerializer json maxBodyLength',
    'pass the data as the argument before the options',
  ],
  ['decompress', 'fetch decompresses the response'],
  ['fetchOptions', "set them in the transport's fetch"],
  ['method', 'every call is a POST'],
  ['onDownloadProgress onUploadProgress redact', 'use hooks, which receive no secrets'],
  [
    'parseReviver responseEncoding responseType transformRequest transformResponse transitional',
    'convert the data before or after the call',
  ],
  ['paramsSerializer searchParams', 'use params, as URLSearchParams for a custom format'],
  ['retry', 'use retryCount and retryUnknown'],
  ['throwHttpErrors timeoutErrorMessage validateStatus', 'catch the PDSError, which has a code and a status'],
  ['withCredentials', "use credentials: 'include'"],
] as const

type Words<List extends string> = List extends `${infer First} ${infer Rest}` ? First | Words<Rest> : List

/** The names of unsupported options: those of axios, and some of ky. */
export type UnsupportedOption = Words<(typeof replacements)[number][0]>

/** Returns what to use instead of an unsupported name: a replacement, the nearest known name, or the known names. */
export function replacementFor(name: string, known: readonly string[]): string {
  // Only the options of a transport and of a call have a timeout.
  const isOption = known.includes('timeout')
  const replacement = isOption && replacements.find(([names]) => names.split(' ').includes(name))?.[1]
  if (replacement) return replacement
  const nearest = nearestName(name, known)
  return nearest === undefined ? `the names are ${known.join(', ')}` : `did you mean ${nearest}?`
}
