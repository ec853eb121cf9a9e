// Photos, recordings, signatures and files: chosen or taken, looked at, taken away again.
import { useEffect, useState } from 'react'
import { t } from '../i18n/i18n.ts'
import { Icon } from '../ui/icon.tsx'
import type { AnswerFiles } from './files.ts'
import type { AriaIds } from './inputs.tsx'

interface Props {
  aria: AriaIds
  field: { type: string; allowed_types?: unknown; allow_gallery?: unknown; max_photos?: unknown }
  files: AnswerFiles
  value: unknown
  onChange: (value: unknown) => void
}

const ACCEPT: Record<string, string> = { photo: 'image/*', signature: 'image/*', audio: 'audio/*', video: 'video/*' }
const MOST_PHOTOS = 20

export function FileInput({ aria, field, files, value, onChange }: Props) {
  const markers = (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
    typeof one === 'string' && one !== '' ? one : [],
  )
  const most = field.type === 'photo' ? Math.min(Math.max(Number(field.max_photos) || 1, 1), MOST_PHOTOS) : 1
  const set = (next: string[]) => onChange(next.length === 0 ? undefined : most === 1 ? next[0] : next)
  const take = (chosen: FileList | null) => {
    const added = [...(chosen ?? [])].slice(0, most - (most === 1 ? 0 : markers.length))
    if (added.length === 0) return
    if (most === 1) for (const marker of markers) files.remove(marker)
    set([...(most === 1 ? [] : markers), ...added.map(files.add)])
  }
  const remove = (marker: string) => {
    files.remove(marker)
    set(markers.filter((one) => one !== marker))
  }
  const types = typeof field.allowed_types === 'string' ? field.allowed_types.split(',') : []
  return (
    <>
      {markers.map((marker, index) => (
        <Chosen key={marker} marker={marker} number={index + 1} files={files} onRemove={() => remove(marker)} />
      ))}
      <input
        {...aria}
        type="file"
        accept={ACCEPT[field.type] ?? types.map((type) => `.${type.trim().replace(/^\./, '')}`).join(',')}
        capture={field.allow_gallery === false ? 'environment' : undefined}
        multiple={most > 1}
        disabled={most > 1 && markers.length >= most}
        onChange={(event) => {
          take(event.currentTarget.files)
          // The same file can be chosen again after it was taken away.
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}

interface ChosenProps {
  marker: string
  number: number
  files: AnswerFiles
  onRemove: () => void
}

function Chosen({ marker, number, files, onRemove }: ChosenProps) {
  const [shown, setShown] = useState<{ url: string; kind: string; name: string } | null>(null)
  useEffect(() => {
    let url: string | undefined
    let isOver = false
    void files.open(marker).then((blob) => {
      if (!blob || isOver) return
      url = URL.createObjectURL(blob)
      setShown({ url, kind: blob.type.split('/')[0]!, name: blob instanceof File ? blob.name : marker })
    })
    return () => {
      isOver = true
      if (url) URL.revokeObjectURL(url)
    }
  }, [marker, files])
  return (
    <div className="row chosen">
      {shown?.kind === 'image' && <img src={shown.url} alt={t('fill.file_number', { number })} />}
      {/* biome-ignore lint/a11y/useMediaCaption: a recording that was just made */}
      {shown?.kind === 'audio' && <audio controls src={shown.url} />}
      {/* biome-ignore lint/a11y/useMediaCaption: a recording that was just made */}
      {shown?.kind === 'video' && <video controls src={shown.url} />}
      <span className="cut small">{shown?.name ?? marker}</span>
      <button
        type="button"
        className="quiet"
        aria-label={t('fill.file_remove', { number })}
        onClick={(event) => {
          event.currentTarget.closest('.question')?.querySelector<HTMLElement>('input')?.focus()
          onRemove()
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
