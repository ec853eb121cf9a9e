// The static files (landing page, dashboard, API reference) with the headers that keep a page from being misused.
// They run no inline code, load nothing from elsewhere and can't be framed.

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

/** `assets` is the asset binding's fetch; its answers (also 304 and 404) keep their own headers. */
export async function serveStatic(
  request: Request,
  assets: (request: Request) => Promise<Response>,
): Promise<Response> {
  const found = await assets(request)
  // The binding's headers can't be changed; a copy's can.
  const response = new Response(found.body, found)
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value)
  return response
}
