// What is not an option here, and what to use in its place. One list of names per answer.
// Bundles for browsers go without: see platform.browser.ts.
const replacements = [
  [
    'adapter allowedSocketPaths env family http2Options httpAgent httpVersion httpsAgent insecureHTTPParser lookup maxRate proxy socketPath transport',
    'give the transport a fetch that does it',
  ],
  ['allowAbsoluteUrls baseURL baseUrl prefix url', "the transport's endpoints and the pathname say it"],
  ['auth withXSRFToken xsrfCookieName xsrfHeaderName', 'set it in headers'],
  ['beforeRedirect sensitiveHeaders', 'no redirect is followed'],
  ['cancelToken', 'use signal'],
  [
    'body data formDataHeaderPolicy formSerializer json maxBodyLength',
    'give the data as the argument before',
  ],
  ['decompress', 'fetch does it'],
  ['fetchOptions', 'give the transport a fetch that sets them'],
  ['method', 'every call is a POST'],
  ['onDownloadProgress onUploadProgress redact', 'use hooks, which see no secret'],
  [
    'parseReviver responseEncoding responseType transformRequest transformResponse transitional',
    'change what the call takes or returns',
  ],
  ['paramsSerializer searchParams', 'give params, as URLSearchParams where you write them yourself'],
  ['retry', 'use retryCount and retryUnknown'],
  ['throwHttpErrors timeoutErrorMessage validateStatus', 'catch the PDSError, which has code and status'],
  ['withCredentials', "use credentials: 'include'"],
] as const

type Words<List extends string> = List extends `${infer First} ${infer Rest}` ? First | Words<Rest> : List

/** The options of axios, and some of ky, that are not options here: each is refused with what replaces it. */
export type UnsupportedOption = Words<(typeof replacements)[number][0]>

/** What to use in place of an option that there is not, for the error that refuses it: `known` are those that there are. */
export function replacementFor(name: string, known: readonly string[]): string {
  const replacement = replacements.find(([names]) => names.split(' ').includes(name))?.[1]
  return replacement ?? `there are ${known.join(', ')}`
}
