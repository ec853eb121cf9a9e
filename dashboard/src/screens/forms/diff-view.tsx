// What changes between two versions of a form, in words, with what it means for answers that are there.
import type { ComponentChildren } from 'preact'
import type { FormDiff } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Badge } from '../../ui/small.tsx'

interface Change {
  id: string
  tone: 'good' | 'warn' | 'bad'
  kind: string
  text: ComponentChildren
}

export function DiffView({ diff }: { diff: FormDiff }) {
  const changes: Change[] = [
    ...diff.added.map(({ id }) => ({ id, tone: 'good' as const, kind: t('diff.added'), text: '' })),
    ...diff.removed.map(({ id }) => ({
      id,
      tone: 'warn' as const,
      kind: t('diff.removed'),
      text: t('diff.removed_help'),
    })),
    ...diff.renamed.map(({ id, from }) => ({
      id,
      tone: 'good' as const,
      kind: t('diff.renamed'),
      text: t('diff.was', { before: from }),
    })),
    ...diff.type_changed.map(({ id, from, to }) => ({
      id,
      tone: 'bad' as const,
      kind: t('diff.type_changed'),
      text: `${from} → ${to}`,
    })),
    ...diff.moved.map(({ id, from, to }) => ({
      id,
      tone: 'bad' as const,
      kind: t('diff.moved'),
      text: `${from.join(' / ') || t('diff.top')} → ${to.join(' / ') || t('diff.top')}`,
    })),
    ...diff.options_removed.map(({ id, values }) => ({
      id,
      tone: 'warn' as const,
      kind: t('diff.options_removed'),
      text: values.join(', '),
    })),
    ...diff.made_required.map(({ id }) => ({ id, tone: 'warn' as const, kind: t('diff.made_required'), text: '' })),
  ]
  if (changes.length === 0) return <p>{t('diff.none')}</p>
  return (
    <ul className="plain changes">
      {changes.map(({ id, tone, kind, text }) => (
        <li key={`${kind} ${id}`}>
          <Badge tone={tone}>{kind}</Badge> <code>{id}</code> <span className="soft">{text}</span>
        </li>
      ))}
    </ul>
  )
}
