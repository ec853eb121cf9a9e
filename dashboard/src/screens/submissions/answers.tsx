// The answers as the form asks for them: groups as sections, repeats as rows to any depth, faults beside the answer.
import { isObject, readAnswer } from '../../../../src/forms/canonical.ts'
import type { Submission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { textOfAnswer } from '../../renderer/answer-text.ts'
import { Icon } from '../../ui/icon.tsx'
import { type FormField, isMedia, rowsOf } from './fields.ts'
import { MediaThumb } from './media.tsx'

interface Props {
  fields: readonly FormField[]
  data: unknown
  submission: Submission
  groups?: string[]
  /** Where this row stands, as the API writes it: `hh[1]`. */
  row?: string
}

export function AnswerList({ fields, data, submission, groups = [], row = '' }: Props) {
  const answers = isObject(data) ? data : {}
  const known = new Set<string>()
  collectIds(fields, known)
  const strangers = row === '' && groups.length === 0 ? Object.keys(answers).filter((key) => !known.has(key)) : []
  return (
    <dl className="answers">
      {fields.map((field) => (
        <Answer key={field.id} field={field} data={answers} submission={submission} groups={groups} row={row} />
      ))}
      {strangers.map((key) => (
        <div key={key} className="answer">
          <dt>
            {key} <span className="soft small">{t('answer.not_in_form')}</span>
          </dt>
          <dd>
            <code>{JSON.stringify(answers[key])}</code>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function collectIds(fields: readonly FormField[], into: Set<string>): void {
  for (const field of fields) {
    into.add(field.id)
    if (field.type === 'group') collectIds(field.fields, into)
  }
}

interface AnswerProps extends Required<Omit<Props, 'fields' | 'data'>> {
  field: FormField
  data: Record<string, unknown>
}

function Answer({ field, data, submission, groups, row }: AnswerProps) {
  if (field.type === 'group')
    return (
      <div className="answer-group">
        <dt>{field.label}</dt>
        <dd>
          <AnswerList
            fields={field.fields}
            data={data}
            submission={submission}
            groups={[...groups, field.id]}
            row={row}
          />
        </dd>
      </div>
    )
  const value = readAnswer(data, { id: field.id, groups })
  const path = row === '' ? field.id : `${row}.${field.id}`
  const issues = submission.issues.filter((issue) => issue.path === path)
  if (field.type === 'repeat') {
    const rows = rowsOf(value)
    return (
      <div className="answer-group">
        <dt>
          {field.label} <span className="soft">({rows.length})</span>
        </dt>
        <dd>
          <Issues issues={issues} />
          {rows.length === 0 && <span className="soft">{t('answer.none')}</span>}
          {rows.map((one, index) => (
            <details key={`${path}[${index}]`} className="answer-row" open={rows.length <= 10}>
              <summary>{t('answer.row', { number: index + 1 })}</summary>
              <AnswerList fields={field.fields} data={one} submission={submission} row={`${path}[${index}]`} />
            </details>
          ))}
        </dd>
      </div>
    )
  }
  const text = textOfAnswer(field, value)
  const files = isMedia(field)
    ? submission.media_files.filter((file) => file.field_id === field.id && file.repeat_path === row)
    : []
  return (
    <div className={issues.length > 0 ? 'answer faulty' : 'answer'}>
      <dt>{field.label}</dt>
      <dd>
        {files.map((file) => (
          <MediaThumb key={file.id} file={file} />
        ))}
        {files.length === 0 && (text === '' ? <span className="soft">–</span> : <span dir="auto">{text}</span>)}
        {isMedia(field) && text !== '' && files.length === 0 && (
          <span className="soft small"> {t('answer.not_arrived')}</span>
        )}
        <Issues issues={issues} />
      </dd>
    </div>
  )
}

const Issues = ({ issues }: { issues: Submission['issues'] }) => (
  <>
    {issues.map(({ code, message }) => (
      <span key={code} className="fault">
        <Icon name="alert" /> {message}
      </span>
    ))}
  </>
)
