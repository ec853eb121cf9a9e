// The tree of questions with what stands above it: adding, searching, and moving the chosen one by buttons.
import { t } from '../../i18n/i18n.ts'
import { Icon } from '../../ui/icon.tsx'
import { Badge } from '../../ui/small.tsx'
import { Empty } from '../../ui/states.tsx'
import { type Field, type FormSchema, placeOf } from './model/document.ts'
import { containersOf, type OutlineRow } from './model/outline-rows.ts'
import { Outline, type OutlineProps } from './outline.tsx'
import type { Examined } from './use-findings.ts'

interface Props extends Omit<OutlineProps, 'labelOf' | 'marksOf' | 'canMove'> {
  document: FormSchema
  /** What is searched for. */
  wanted: string
  areFolded: boolean
  findings: Examined
  nameOf: (field: Field) => string
  onAdd: () => void
  onSearch: (wanted: string) => void
  onFoldAll: (folded: boolean) => void
}

const STEPS = ['up', 'down', 'in', 'out'] as const

export function OutlinePane({
  document,
  wanted,
  areFolded,
  findings,
  nameOf,
  onAdd,
  onSearch,
  onFoldAll,
  ...tree
}: Props) {
  const { rows, chosen, onStep, onCopy, onRemove } = tree
  const canMove = wanted.trim() === ''
  return (
    <section className="outline-side" aria-label={t('builder.outline')}>
      <div className="row outline-tools">
        <button type="button" className="primary" onClick={onAdd}>
          <Icon name="add" /> {t('builder.add')}
        </button>
        <input
          type="search"
          aria-label={t('builder.search')}
          placeholder={t('builder.search')}
          value={wanted}
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </div>
      {document.fields.length === 0 ? (
        <Empty title={t('form.no_questions')}>{t('builder.empty_help')}</Empty>
      ) : (
        <>
          <div className="row outline-tools" role="toolbar" aria-label={t('builder.tools')}>
            {STEPS.map((one) => (
              <button
                key={one}
                type="button"
                className="quiet"
                aria-label={t(`builder.move_${one}`)}
                title={t(`builder.move_${one}`)}
                disabled={chosen === null || !canMove || !placeOf(document, chosen, one)}
                onClick={() => chosen && onStep(chosen, one)}
              >
                <Icon name={one} />
              </button>
            ))}
            <button
              type="button"
              className="quiet"
              aria-label={t('builder.copy')}
              title={t('builder.copy')}
              disabled={chosen === null}
              onClick={() => chosen && onCopy(chosen)}
            >
              <Icon name="copy" />
            </button>
            <button
              type="button"
              className="quiet danger"
              aria-label={t('builder.remove')}
              title={t('builder.remove')}
              disabled={chosen === null}
              onClick={() => chosen && onRemove(chosen)}
            >
              <Icon name="trash" />
            </button>
            <button
              type="button"
              className="quiet"
              disabled={containersOf(document).length === 0}
              onClick={() => onFoldAll(!areFolded)}
            >
              {areFolded ? t('builder.unfold_all') : t('builder.fold_all')}
            </button>
          </div>
          {rows.length === 0 && <p className="soft">{t('builder.search_none')}</p>}
          <Outline
            {...tree}
            labelOf={({ field }) => nameOf(field)}
            marksOf={(row) => <Marks row={row} faulty={findings.byField.get(row.key)} />}
            canMove={canMove}
          />
        </>
      )}
    </section>
  )
}

/** What is special about a question, in signs with words behind them. */
function Marks({ row: { field }, faulty }: { row: OutlineRow; faulty?: readonly { severity: string }[] }) {
  const hasFault = faulty?.some(({ severity }) => severity === 'fault')
  return (
    <>
      {hasFault && (
        <Badge tone="bad">
          <span aria-hidden="true">!</span>
          <span className="unseen">{t('builder.has_fault')}</span>
        </Badge>
      )}
      {(field.required === true || (typeof field.required === 'string' && field.required !== '')) && (
        <span title={t('form.required')}>
          <span aria-hidden="true">*</span>
          <span className="unseen">{t('form.required')}</span>
        </span>
      )}
      {field.relevant && (
        <span className="soft" title={t('builder.has_rule')}>
          <span aria-hidden="true">◇</span>
          <span className="unseen">{t('builder.has_rule')}</span>
        </span>
      )}
    </>
  )
}
