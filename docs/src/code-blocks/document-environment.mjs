/*
 * Sets up the globals for the code in the documents. Requests to the addresses of domains go to the emulator. The
 * globals of a page exist, with a user who clicks and signs in.
 */
import { registerHooks } from 'node:module'

// Code for the vendor's SDK must run with this SDK.
registerHooks({
  resolve: (name, context, next) => next(name === 'aliyun-pds-js-sdk' ? '@pds/client' : name, context),
})

const { fetch } = globalThis
const { EMULATOR = '', PAGE = '' } = process.env

globalThis.fetch = (input, init) => {
  const request = new Request(input, init)
  const url = new URL(request.url)
  if (!url.hostname.endsWith('.api.aliyunpds.com')) return fetch(request)
  return fetch(new Request(EMULATOR + url.pathname + url.search, request))
}

globalThis.window = globalThis
globalThis.location = new URL(PAGE)
globalThis.history = {
  state: null,
  replaceState(_state, _unused, address) {
    location.href = new URL(address, location.href).href
  },
}

// This tab has started a sign-in, and the service has redirected to the page.
const state = location.searchParams.get('state')
const pending = {
  url: 'https://bj1.api.aliyunpds.com/v2/oauth/authorize',
  client_id: 'browser-app',
  redirect_uri: location.origin + location.pathname,
  state,
}
const stored = new Map([['pds.sign-in', JSON.stringify(pending)]])
globalThis.sessionStorage = {
  getItem: (name) => stored.get(name) ?? null,
  setItem: (name, value) => stored.set(name, value),
  removeItem: (name) => stored.delete(name),
}

const page = new EventTarget()
globalThis.addEventListener = page.addEventListener.bind(page)
globalThis.removeEventListener = page.removeEventListener.bind(page)
globalThis.document = {
  querySelector: () => ({ addEventListener: (_type, listener) => setImmediate(listener) }),
}
location.assign = (address) => signIn(address)

/** Opens an address in the system's browser, or an empty popup that is sent to an address later. */
globalThis.open = (address) => {
  if (address) return signIn(address, 'follow')
  const popup = { closed: false, close: () => Object.assign(popup, { closed: true }) }
  popup.location = {
    async replace(url) {
      const response = await signIn(url)
      const channel = new BroadcastChannel(`pds.sign-in.${new URL(url).searchParams.get('state')}`)
      channel.onmessage = () => channel.close()
      channel.postMessage(response.headers.get('location'))
    },
  }
  return popup
}

function signIn(address, redirect = 'manual') {
  const url = new URL(address)
  url.searchParams.set('user_id', 'user-1')
  return globalThis.fetch(url, { redirect })
}
