import { StandInLogin } from '../../back-end/stand-in-login.ts'

/** PLACEHOLDER FOR YOUR OWN LOGIN, such as Auth.js: see stand-in-login.ts. */
export const login: StandInLogin = new StandInLogin(process.env.APP_ORIGIN ?? 'http://127.0.0.1:3000')
