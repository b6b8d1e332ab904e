import axios from 'axios'
import { endpoint } from './application.mjs'

// Beside a transport, which has no token of its own to get.
if (endpoint) axios.create({ baseURL: endpoint })
