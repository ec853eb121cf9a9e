// A file that needs the session's credential, which a plain link cannot send.
import { useState } from 'react'
import { ApiError } from '../api/client.ts'
import { sessionFetch } from '../session.ts'
import { Icon } from './icon.tsx'
import { showFailure } from './toasts.tsx'

interface Props {
  url: URL | string
  filename: string
  label: string
  /** For screen readers, where several of the same label stand side by side. */
  about?: string
}

export function Download({ url, filename, label, about }: Props) {
  const [isBusy, setBusy] = useState(false)
  const fetchFile = async () => {
    setBusy(true)
    try {
      const response = await sessionFetch(url)
      if (!response.ok) throw new ApiError(response.status, await response.json(), response.headers.get('x-request-id'))
      save(await response.blob(), filename)
    } catch (error) {
      showFailure(error as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <button type="button" className="quiet" aria-label={about} disabled={isBusy} onClick={fetchFile}>
      <Icon name="download" /> {label}
    </button>
  )
}

function save(blob: Blob, filename: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = filename
  link.click()
  // The browser has begun by then; the bytes shall not stay in memory for as long as the page.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
