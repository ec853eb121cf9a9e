// The typed client of the native API, for the dashboard, scripts and tests: paths, bodies and answers are those of the
// routes, checked by the compiler. `client.projects.$get()`, `client.forms[':id'].publish.$post({ param: { id } })`.
import { type ClientRequestOptions, hc } from 'hono/client'
import type { NativeApp } from './protocols/native/app.ts'

// Spelled out once: editors are slow when every use derives it anew.
export type Client = ReturnType<typeof hc<NativeApp>>

/** At most one credential; none for public endpoints. */
export interface ClientOptions {
  /** A user's access token. */
  token?: string
  deviceToken?: string
  apiKey?: string
  /** Default: the global one. In-process callers pass `app.request`. */
  fetch?: ClientRequestOptions['fetch']
}

/** `baseUrl` is where the server is, without /api/v1, e.g. `https://field.example.org`. Answers are `Response`s: a
 *  status other than 2xx is not thrown. */
export function createClient(baseUrl: string, { token, deviceToken, apiKey, fetch }: ClientOptions = {}): Client {
  const headers: Record<string, string> = {}
  if (token) headers.authorization = `Bearer ${token}`
  if (deviceToken) headers.authorization = `Bearer ${deviceToken}`
  if (apiKey) headers['x-api-key'] = apiKey
  return hc<NativeApp>(`${baseUrl.replace(/\/+$/, '')}/api/v1`, { headers, ...(fetch ? { fetch } : {}) })
}
