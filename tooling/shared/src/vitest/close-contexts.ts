import { afterEach } from 'vitest'
import { closeContexts } from '../engines/engine-browser.ts'

// A context of WebKit has many processes.
afterEach(closeContexts)
