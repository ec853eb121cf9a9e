// A rule of a question, as rows or as the expression behind them; what is wrong with it is said at once, with its place.
// Self-contained: the document comes in, the text of the expression goes out. Which texts are kept, and that a blank one
// is no rule at all, is the caller's matter.
//
//   <RuleEditor label={t('builder.rule_relevant')} rule="relevant" document={document} field={field} language={language}
//     value={field.relevant ?? ''} onChange={(text) => patch({ relevant: text || undefined })} />
//
// `field` must be the very object within `document`. Give it a `key` with the uid of the field.
import { useId, useMemo, useRef, useState } from 'react'
import { checkExpression } from '../../../../../../src/forms/check-expressions.ts'
import { printExpression } from '../../../../../../src/forms/expression/print.ts'
import { MAX_DEPTH } from '../../../../../../src/forms/limits.ts'
import { type Outline, outlineOf } from '../../../../../../src/forms/outline.ts'
import type { Field, FormSchema } from '../../../../../../src/forms/schema.ts'
import { t } from '../../../../i18n/i18n.ts'
import { Icon } from '../../../../ui/icon.tsx'
import '../parts.css'
import { type Choice, choicesFor, columnNames, keyOf, newRow, type RuleKey } from './choices.ts'
import { Faults } from './faults.tsx'
import { Picker, type PickerItem } from './picker.tsx'
import { faultOf, type Grammar, isComplete, type Row, type Rules, readRules, writeRules } from './rows.ts'
import { RuleRow } from './rule-row.tsx'

interface Props {
  label: string
  rule: RuleKey
  document: FormSchema
  field: Field
  /** That questions and options are named in. */
  language: string
  /** The expression; blank: no rule. */
  value: string
  onChange: (text: string) => void
}

/** One outline serves all rules of a document. */
const outlines = new WeakMap<FormSchema, Outline>()
function outlineFor(document: FormSchema): Outline {
  const outline = outlines.get(document) ?? outlineOf(document, MAX_DEPTH)
  outlines.set(document, outline)
  return outline
}

const NO_COLUMNS: ReadonlySet<string> = new Set()

export function RuleEditor({ label, rule, document, field, language, value, onChange }: Props) {
  const id = useId()
  const outline = outlineFor(document)
  const [view, setView] = useState<'rows' | 'text' | null>(null)
  // Rows that are not complete yet are in no text, so they are kept beside the text that they belong to.
  const [draft, setDraft] = useState<{ text: string; rules: Rules } | null>(null)
  const choices = useMemo(() => {
    const found = choicesFor(outline, field, rule, language)
    return new Map(found.map((choice) => [keyOf(choice.subject), choice]))
  }, [outline, field, rule, language])
  const items = useMemo(() => itemsOf(choices), [choices])
  const entry = outline.fields.find((one) => one.field === field)
  const columns = rule === 'choice_filter' && entry ? columnNames(outline, entry.field) : NO_COLUMNS
  const grammar: Grammar = { dialect: outline.dialect, columns }
  const findings = value.trim() !== '' && entry ? checkExpression(outline, entry, rule, value).findings : []
  const rules = draft?.text === value ? draft.rules : rule === 'calculation' ? undefined : readRules(value, grammar)
  const isShowable = rules && (rules.rows.length === 0 || rules.rows.some((row) => row.is !== 'expression'))
  const shown = rules === undefined ? 'text' : (view ?? (isShowable ? 'rows' : 'text'))

  const write = (next: Rules) => {
    const text = writeRules(next, grammar)
    setDraft({ text, rules: next })
    if (text !== value) onChange(text)
  }
  return (
    <fieldset className="rule">
      <legend>{label}</legend>
      {rule !== 'calculation' && (
        <button
          type="button"
          className="link small rule-view"
          disabled={rules === undefined}
          onClick={() => setView(shown === 'rows' ? 'text' : 'rows')}
        >
          {shown === 'rows' ? t('rule.as_text') : t('rule.as_rows')}
        </button>
      )}
      {shown === 'rows' && rules ? (
        <Rows rules={rules} choices={choices} items={items} grammar={grammar} onChange={write} />
      ) : (
        <Text
          label={label}
          describedBy={`${id}-faults`}
          value={value}
          items={items}
          nameOf={(key) => nameIn(choices.get(key), grammar)}
          onChange={onChange}
        />
      )}
      <Faults id={`${id}-faults`} text={value} findings={findings} />
    </fieldset>
  )
}

const itemsOf = (choices: ReadonlyMap<string, Choice>): PickerItem[] =>
  [...choices].map(([value, { subject, label, name }]) => ({
    value,
    label: subject.is === 'self' ? t('rule.self') : subject.is === 'column' ? t('rule.column', { name }) : label,
    detail: subject.is === 'column' || label === name ? undefined : name,
  }))

/** As expressions call it. */
function nameIn(choice: Choice | undefined, { dialect, columns }: Grammar): string {
  if (!choice) return ''
  const { subject } = choice
  if (subject.is === 'self') return '.'
  if (subject.is === 'column') return subject.name
  const bare = dialect === 'native' && !columns.has(subject.id)
  return printExpression({ type: 'ref', id: subject.id, bare, at: 0 }, dialect) ?? ''
}

interface RowsProps {
  rules: Rules
  choices: ReadonlyMap<string, Choice>
  items: readonly PickerItem[]
  grammar: Grammar
  onChange: (rules: Rules) => void
}

function Rows({ rules, choices, items, grammar, onChange }: RowsProps) {
  const { join, rows } = rules
  const add = useRef<HTMLButtonElement>(null)
  const [first] = choices.values()
  const set = (index: number, row: Row) => onChange({ join, rows: rows.with(index, row) })
  const isMissing = rows.map((row) => !isComplete(row, grammar))
  return (
    <>
      {rows.length > 1 && (
        <select
          className="rule-join"
          aria-label={t('rule.join')}
          value={join}
          onChange={(event) => onChange({ join: event.currentTarget.value as Rules['join'], rows })}
        >
          <option value="and">{t('rule.all')}</option>
          <option value="or">{t('rule.any')}</option>
        </select>
      )}
      {rows.length > 0 && (
        <ol className="plain rule-rows">
          {rows.map((row, index) => (
            <RuleRow
              key={index}
              row={row}
              place={index + 1}
              choices={choices}
              items={items}
              isMissing={isMissing[index]!}
              fault={faultOf(row, grammar)}
              onChange={(next) => set(index, next)}
              onRemove={() => {
                onChange({ join, rows: rows.toSpliced(index, 1) })
                add.current?.focus()
              }}
            />
          ))}
        </ol>
      )}
      {isMissing.includes(true) && <p className="fault">{t('rule.incomplete')}</p>}
      <div>
        <button
          ref={add}
          type="button"
          className="quiet"
          disabled={!first}
          onClick={() => first && onChange({ join, rows: [...rows, newRow(first)] })}
        >
          <Icon name="add" /> {t('rule.add')}
        </button>
      </div>
    </>
  )
}

interface TextProps {
  label: string
  describedBy: string
  value: string
  items: readonly PickerItem[]
  nameOf: (key: string) => string
  onChange: (text: string) => void
}

function Text({ label, describedBy, value, items, nameOf, onChange }: TextProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const insert = (name: string) => {
    const [from, to] = [area.current?.selectionStart ?? value.length, area.current?.selectionEnd ?? value.length]
    onChange(value.slice(0, from) + name + value.slice(to))
    requestAnimationFrame(() => {
      area.current?.focus()
      area.current?.setSelectionRange(from + name.length, from + name.length)
    })
  }
  return (
    <>
      <textarea
        ref={area}
        className="code rule-text"
        rows={1}
        spellcheck={false}
        aria-label={label}
        aria-describedby={describedBy}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <div className="rule-insert">
        <Picker
          label={t('rule.insert')}
          placeholder={t('rule.insert')}
          items={items}
          value={null}
          onPick={(key) => insert(nameOf(key))}
        />
      </div>
    </>
  )
}
