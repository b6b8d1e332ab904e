import axios from 'axios'
import { endpoint } from './application.mjs'

// Compared with a transport, which cannot get a token alone.
if (endpoint) axios.create({ baseURL: endpoint })
