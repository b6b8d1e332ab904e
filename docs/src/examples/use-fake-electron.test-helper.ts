import { registerHooks } from 'node:module'

// A preload: the fake replaces the module that only Electron has.
const fake = new URL('fake-electron.test-helper.ts', import.meta.url).href
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: fake, shortCircuit: true } : next(name, context),
})
