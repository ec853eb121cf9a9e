// "Copy as curl": whatever a list shows, a script can fetch.
import { t } from '../i18n/i18n.ts'
import { Icon } from './icon.tsx'
import { showDone, showFailure } from './toasts.tsx'

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

export const curlOf = (url: URL | string): string =>
  `curl -H "Authorization: Bearer $TOKEN" ${quoted(new URL(url, location.origin).href)}`

export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    showDone(done)
  } catch {
    // Without https, browsers give pages no clipboard.
    showFailure(new Error(t('copy.refused', { text })))
  }
}

/** `url`: what the list was fetched from, e.g. `api.forms.$url({ query })`. */
export const CopyCurl = ({ url }: { url: URL | string }) => (
  <button type="button" className="quiet" onClick={() => copyText(curlOf(url), t('copy.curl_done'))}>
    <Icon name="copy" /> {t('copy.curl')}
  </button>
)

export const CopyButton = ({ text, label }: { text: string; label?: string }) => (
  <button type="button" onClick={() => copyText(text, t('copy.done'))}>
    <Icon name="copy" /> {label ?? t('copy.copy')}
  </button>
)
