/*
 * What the code in the documents finds around it: the addresses of domains lead to the emulator, and there is what
 * a page would have.
 */
const { fetch } = globalThis
const { EMULATOR = '', PAGE = '' } = process.env

globalThis.fetch = (input, init) => {
  const request = new Request(input, init)
  const url = new URL(request.url)
  if (!url.hostname.endsWith('.api.aliyunpds.com')) return fetch(request)
  return fetch(new Request(EMULATOR + url.pathname, request))
}

globalThis.location = new URL(PAGE)
const state = globalThis.location.searchParams.get('state')
globalThis.sessionStorage = { getItem: (name) => (name === 'state' ? state : null) }
