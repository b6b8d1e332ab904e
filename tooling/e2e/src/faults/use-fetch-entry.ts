import { registerHooks } from 'node:module'

/* Loaded with --import: the packages of this process use `@pds/core/fetch` in place of `@pds/core`, and cannot load ky. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'ky') throw new Error('ky is loaded')
    return next(specifier === '@pds/core' ? '@pds/core/fetch' : specifier, context)
  },
})
