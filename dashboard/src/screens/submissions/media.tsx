// Photos and files, shown by signed links, because an <img> can send no credential.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import type { MediaFile } from '../../api/types.ts'
import { formatBytes, t } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'

/** Links are good for five minutes. */
const LINK_MS = 4 * 60_000

const useLink = (id: string) =>
  useQuery({
    queryKey: ['link', id],
    queryFn: () => ask(api.links.$post({ json: { media_file_id: id } })),
    staleTime: LINK_MS,
    gcTime: LINK_MS,
    refetchInterval: LINK_MS,
  })

const kindOf = ({ mime_type }: MediaFile): string => mime_type.split('/')[0]!
const nameOf = ({ repeat_path, field_id, filename }: MediaFile): string =>
  `${repeat_path && `${repeat_path}.`}${field_id}: ${filename}`

export function MediaThumb({ file }: { file: MediaFile }) {
  const [isOpen, setOpen] = useState(false)
  const link = useLink(file.id)
  const isImage = kindOf(file) === 'image'
  return (
    <>
      <button
        type="button"
        className="thumb"
        aria-label={t('media.open', { name: nameOf(file) })}
        onClick={() => setOpen(true)}
      >
        {isImage && link.data ? <img src={link.data.url} alt="" loading="lazy" /> : <Icon name="forms" />}
        {!isImage && <span className="cut small">{file.filename}</span>}
      </button>
      {isOpen && <Viewer file={file} onClose={() => setOpen(false)} />}
    </>
  )
}

function Viewer({ file, onClose }: { file: MediaFile; onClose: () => void }) {
  const { data, error, refetch } = useLink(file.id)
  const kind = kindOf(file)
  return (
    <Dialog title={nameOf(file)} wide onClose={onClose}>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {!data && !error && <Loading />}
      {data && kind === 'image' && <img className="viewed" src={data.url} alt={nameOf(file)} />}
      {/* biome-ignore lint/a11y/useMediaCaption: what was recorded in the field has no captions */}
      {data && kind === 'audio' && <audio controls src={data.url} />}
      {/* biome-ignore lint/a11y/useMediaCaption: what was recorded in the field has no captions */}
      {data && kind === 'video' && <video className="viewed" controls src={data.url} />}
      <p className="soft small">
        {file.mime_type}, {formatBytes(file.size_bytes)}, SHA-256 <code>{file.sha256}</code>
      </p>
      <div className="dialog-actions">
        {data && (
          <a className="button" href={data.url} download={file.filename}>
            <Icon name="download" /> {t('media.download')}
          </a>
        )}
        <button type="button" className="primary" onClick={onClose}>
          {t('action.close')}
        </button>
      </div>
    </Dialog>
  )
}

export const Gallery = ({ files }: { files: MediaFile[] }) => (
  <section className="card" aria-labelledby="media">
    <h2 id="media">{t('media.title', { count: files.length })}</h2>
    <ul className="gallery">
      {files.map((file) => (
        <li key={file.id}>
          <MediaThumb file={file} />
          <span className="cut small soft">{nameOf(file)}</span>
        </li>
      ))}
    </ul>
  </section>
)
