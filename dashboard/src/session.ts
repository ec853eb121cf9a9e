// The session of this tab. The access token lives in memory only; what survives a reload is the refresh cookie, which
// scripts cannot read and which rotates at each use. The other tabs of the browser are told when it ends.
import { useSyncExternalStore } from 'react'

const API = '/api/v1'
/** Says that there may be a cookie, and since when: without it, a visitor's first page asks for nothing in vain. */
const MARK = 'fieldpost.session'
/** Access tokens are good for 15 minutes. */
const RENEW_AFTER_MS = 14 * 60_000

export type SessionState = 'in' | 'out'

let state: SessionState = 'out'
let token = ''
let mintedAtMs = 0
let renewing: Promise<boolean> | undefined
const listeners = new Set<() => void>()

export const useSession = (): SessionState =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )

/** Picks the session up that the cookie stands for. */
export async function startSession(): Promise<void> {
  addEventListener('storage', ({ key, newValue }) => {
    if (key !== MARK) return
    if (newValue === null) end()
    else if (state === 'out') void tryRenew()
    // Somebody, perhaps somebody else, has signed in: what this tab shows may not be theirs.
    else location.reload()
  })
  if (localStorage.getItem(MARK) !== null) await tryRenew()
}

/** Where the server cannot be reached now, the sign-in page says so at the first try; the cookie stays. */
const tryRenew = (): Promise<boolean> => renew().catch(() => false)

/** Takes over the access token of a login that asked for the cookie. */
export function begin(accessToken: string): void {
  localStorage.setItem(MARK, String(Date.now()))
  take(accessToken)
}

function take(accessToken: string): void {
  token = accessToken
  mintedAtMs = Date.now()
  change('in')
}

/** Forgets the session in this browser. The server's part of it is ended by its endpoints. */
export function end(): void {
  token = ''
  localStorage.removeItem(MARK)
  change('out')
}

/** fetch with the session's credential. An expired token is renewed first; a refused one is renewed once. */
export async function sessionFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  if (state === 'in' && Date.now() - mintedAtMs > RENEW_AFTER_MS) await renew()
  const used = token
  const response = await send(input, init)
  if (response.status !== 401 || state === 'out') return response
  // Somebody else may have renewed it meanwhile.
  if (used === token && !(await renew())) return response
  return send(input, init)
}

function send(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (token) headers.set('authorization', `Bearer ${token}`)
  return fetch(input, { ...init, headers })
}

/** False when the session is over. Throws when the server cannot be reached: that ends no session. */
function renew(): Promise<boolean> {
  renewing ??= refresh().finally(() => {
    renewing = undefined
  })
  return renewing
}

async function refresh(): Promise<boolean> {
  const response = await fetch(`${API}/auth/refresh`, { method: 'POST' })
  if (response.ok) {
    const { access_token } = (await response.json()) as { access_token: string }
    take(access_token)
    return true
  }
  if (response.status === 401) end()
  return false
}

function change(to: SessionState): void {
  if (state === to) return
  state = to
  for (const listener of listeners) listener()
}
