/** The path prefix of the emulator's own routes. */
export const controlPath = '/_emulator/'

/** Checks whether a request is for the emulator itself and not for its domain. Such requests are not logged. */
export function isControlRequest(method: string, pathname: string): boolean {
  const isPage = pathname === '/' || pathname === '/favicon.ico'
  return pathname.startsWith(controlPath) || (isPage && (method === 'GET' || method === 'HEAD'))
}
