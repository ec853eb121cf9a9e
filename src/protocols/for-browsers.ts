// CORS for the protocols. Only browsers ask for it, and they say so: apps, devices and scripts send no `Origin`, and for
// them Hono's middleware would make each answer twice over.
import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'

export function forBrowsers(options: Parameters<typeof cors>[0]): MiddlewareHandler {
  const middleware = cors(options)
  return (c, next) => {
    if (c.req.header('origin') !== undefined || c.req.method === 'OPTIONS') return middleware(c, next)
    // What is stored of this answer is not for a browser that comes from elsewhere.
    c.header('Vary', 'Origin')
    return next()
  }
}
