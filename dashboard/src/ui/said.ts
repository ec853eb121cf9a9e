// An error in a sentence: in the reader's language where we have one for its code, else in the server's words.
import { ApiError } from '../api/client.ts'
import { t, word } from '../i18n/i18n.ts'

export function saidOf(error: Error): string {
  if (error instanceof ApiError) {
    const own = word('error', error.code)
    return own === error.code ? error.message : own
  }
  // fetch says no more of a broken connection than this.
  return error instanceof TypeError && /fetch/i.test(error.message) ? t('error.network') : error.message
}
