// How people and tenants may be called. Pure: whether a name is taken is the directory's question.

// A local part, an @, and a domain with a dot in it; letters of any script. Whether mail arrives there, only mail tells.
const EMAIL = /^[^\s@"<>(),:;\\]{1,64}@[^\s@"<>(),:;\\~.]+(\.[^\s@"<>(),:;\\~.]+)+$/u
// No @: a username must not look like somebody's e-mail.
const USERNAME = /^[^\s@/\p{C}]{1,100}$/u

/** As e-mails are stored and compared. */
export const normaliseEmail = (email: string): string => email.trim().toLowerCase()

/** The e-mail as it is stored, or null when the text is none. */
export function parseEmail(text: string): string | null {
  const email = normaliseEmail(text)
  return email.length <= 320 && EMAIL.test(email) ? email : null
}

/** The username as it is stored (letter case counts), or null when the text can't be one. */
export function parseUsername(text: string): string | null {
  const username = text.trim()
  return USERNAME.test(username) ? username : null
}

/** The part of a tenant's own paths, `/t/<slug>/…`. */
export const SLUG = /^[a-z0-9-]{2,40}$/
