import { createTransport } from '@pds/core'
import { endpoint } from './application.mjs'

// It has no token of its own to get.
if (endpoint) createTransport({ api_endpoint: endpoint })
