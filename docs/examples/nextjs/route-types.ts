import type { AppRouteUserlandModule } from 'next/dist/server/route-modules/app-route/module.js'
import type { NextRequest } from 'next/server'
import * as route from './app/api/pds-token/route.ts'

// The check of `next build` for a route, which it writes to .next/types.
type Handler = (
  request: NextRequest,
  context: { params: Promise<object> },
) => Promise<Response | undefined> | Response

export const checked = route satisfies Partial<AppRouteUserlandModule> & { POST: Handler }
