// Pictures, sounds and films that an author shows with a question.
import { isObject } from '../../../src/forms/canonical.ts'
import { textIn } from '../../../src/forms/texts.ts'
import { t } from '../i18n/i18n.ts'
import { useSurroundings } from './context.ts'

/** Says which picture belongs here where nobody has it. */
export function Picture({ name }: { name: string }) {
  const { attachment } = useSurroundings()
  const url = attachment?.(name)
  if (!url) return <span className="soft small line">{t('fill.attachment', { name })}</span>
  return <img src={url} alt="" loading="lazy" />
}

export function Attachments({ media }: { media: unknown }) {
  const { attachment, language, fallback } = useSurroundings()
  if (!isObject(media)) return null
  return (
    <>
      {['image', 'audio', 'video'].map((kind) => {
        const name = textIn(media[kind], language, fallback)
        if (!name) return null
        const url = attachment?.(name)
        if (kind === 'image' || !url) return <Picture key={kind} name={name} />
        // biome-ignore lint/a11y/useMediaCaption: the label says what is heard
        return kind === 'audio' ? <audio key={kind} controls src={url} /> : <video key={kind} controls src={url} />
      })}
    </>
  )
}
