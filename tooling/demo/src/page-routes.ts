import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { PageFile } from './build-page.ts'

const year = 31_536_000

/** Creates the routes of the page, and sets the security headers of all responses. `own` is the origin of the page. */
export function pageRoutes(files: ReadonlyMap<string, PageFile>, own: string, api_endpoint: string): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'", api_endpoint],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      // The server has no TLS.
      strictTransportSecurity: false,
    }),
  )
  // Cookies are stored per host name, so localhost is redirected. A foreign name is an attack (DNS rebinding).
  app.use(async ({ req, redirect }, next) => {
    const { origin, pathname, search } = new URL(req.url)
    return origin === own ? next() : redirect(`${own}${pathname}${search}`)
  })
  for (const [path, { body, type, isHashed }] of files) {
    const isPage = path === '/index.html'
    const content = isPage ? String(body).replace('{{api_endpoint}}', api_endpoint) : body
    const headers = {
      'content-type': type,
      'cache-control': isHashed ? `public, max-age=${year}, immutable` : 'no-cache',
    }
    app.get(isPage ? '/' : path, (context) => context.body(content, 200, headers))
  }
  return app
}
