// The columns of the list: what every submission has, and the answers of the chosen form.
import { Link } from 'wouter'
import type { Form, ListedSubmission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { textOfAnswer } from '../../renderer/answer-text.ts'
import { Badge, Time } from '../../ui/small.tsx'
import type { Column } from '../../ui/table.tsx'
import { answerOf, columnsOf, type FormField } from './fields.ts'
import { StateBadge } from './state-badge.tsx'
import { ANSWER } from './view.ts'

export type SubmissionColumn = Column<ListedSubmission>

const DEFAULT_ANSWERS = 5
const NUMBERS = new Set(['number', 'integer', 'decimal', 'range'])

export function choosableColumns(
  fields: readonly FormField[],
  forms: readonly Form[],
  ofOneForm: boolean,
): SubmissionColumn[] {
  const answers = columnsOf(fields).map(
    (column): SubmissionColumn => ({
      id: `${ANSWER}${column.field.id}`,
      label: column.field.label,
      align: NUMBERS.has(column.field.type) ? 'end' : undefined,
      cell: ({ data }) => textOfAnswer(column.field, answerOf(data, column)),
    }),
  )
  const names = new Map(forms.map(({ id, name }) => [id, name]))
  const form: SubmissionColumn = {
    id: 'form',
    label: t('submission.form'),
    cell: ({ form_id }) => names.get(form_id) ?? form_id,
  }
  return [
    {
      id: 'arrived',
      label: t('submission.arrived'),
      sort: 'arrived',
      cell: ({ id, submitted_at, deleted_at }) => (
        <>
          <Link href={`/submissions/${id}`}>
            <Time at={submitted_at} />
          </Link>{' '}
          {deleted_at && <Badge tone="bad">{t('submission.deleted')}</Badge>}
        </>
      ),
    },
    ...(ofOneForm ? [] : [form]),
    ...answers,
    {
      id: 'state',
      label: t('submission.state'),
      cell: ({ review_state }) => <StateBadge state={review_state} />,
    },
    {
      id: 'issues',
      label: t('submission.issues'),
      align: 'end',
      cell: ({ issues }) => (issues.length > 0 ? <Badge tone="warn">{issues.length}</Badge> : ''),
    },
    { id: 'by', label: t('submission.by'), cell: ({ submitted_by_email }) => submitted_by_email ?? '–' },
    {
      id: 'collected',
      label: t('submission.collected'),
      sort: 'collected',
      cell: ({ collected_at }) => <Time at={collected_at} />,
    },
    {
      id: 'updated',
      label: t('submission.updated'),
      sort: 'updated',
      cell: ({ updated_at }) => <Time at={updated_at} />,
    },
    { id: 'device', label: t('submission.device'), cell: ({ device_id }) => device_id ?? '–' },
    { id: 'revision', label: t('submission.revision'), align: 'end', cell: ({ revision }) => revision },
    { id: 'protocol', label: t('submission.protocol'), cell: ({ protocol }) => protocol },
    { id: 'uuid', label: 'local_uuid', cell: ({ local_uuid }) => <code>{local_uuid}</code> },
  ]
}

const OURS = ['arrived', 'form', 'state', 'issues', 'by', 'collected']

/** The chosen ones in their order; without a choice, ours and the first answers. */
export function shownColumns(all: readonly SubmissionColumn[], chosen: string[] | undefined): SubmissionColumn[] {
  const found = chosen?.flatMap((id) => all.find((column) => column.id === id) ?? []) ?? []
  if (found.length > 0) return found
  const answers = all.filter(({ id }) => id.startsWith(ANSWER)).slice(0, DEFAULT_ANSWERS)
  return all.filter((column) => OURS.includes(column.id) || answers.includes(column))
}
