import { createTransport } from '@pds/core/fetch'
import { endpoint } from './application.mjs'

// A transport cannot get a token alone.
if (endpoint) createTransport({ api_endpoint: endpoint })
