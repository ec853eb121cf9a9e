// The static files (dashboard, API reference) with the headers that keep a page from being misused: they run no inline
// code, load nothing from elsewhere and can't be framed. The dashboard's own addresses all lead to its one page.

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Of every answer. */
export const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

/** Files whose names change with their content. */
export const HASHED_FILES = '/assets/'
export const HASHED_FILES_CACHE = 'public, max-age=31536000, immutable'

/** `assets` is the asset binding's fetch; its answers (also 304 and 404) keep their own headers. */
export async function serveStatic(
  request: Request,
  assets: (request: Request) => Promise<Response>,
): Promise<Response> {
  let found = await assets(request)
  if (found.status === 404 && isPage(request)) {
    await found.body?.cancel()
    found = await assets(new Request(new URL('/', request.url), request))
  }
  // The binding's headers can't be changed; a copy's can.
  const response = new Response(found.body, found)
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value)
  if (new URL(request.url).pathname.startsWith(HASHED_FILES) && found.ok)
    response.headers.set('cache-control', HASHED_FILES_CACHE)
  return response
}

/** An address of the dashboard, as a browser opens it: no file, and none of the API's paths. */
function isPage(request: Request): boolean {
  const { pathname } = new URL(request.url)
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (/\.[^/]*$/.test(pathname) || /^\/(api|docs)(\/|$)/.test(pathname)) return false
  return (request.headers.get('accept') ?? '').includes('text/html')
}
