// One row of a rule: what it speaks of, what must hold, and with what it compares.
import { useId } from 'react'
import type { ExpressionFault } from '../../../../../../src/forms/expression/parse.ts'
import { t, word } from '../../../../i18n/i18n.ts'
import { Icon } from '../../../../ui/icon.tsx'
import {
  type Choice,
  type Kind,
  keyOf,
  nameOf,
  type Operation,
  operationsFor,
  shownAs,
  withOperation,
  withSubject,
} from './choices.ts'
import { Faults } from './faults.tsx'
import { Picker, type PickerItem } from './picker.tsx'
import type { Row } from './rows.ts'
import { RuleValue } from './value-input.tsx'

interface Props {
  row: Row
  /** From 1. */
  place: number
  choices: ReadonlyMap<string, Choice>
  items: readonly PickerItem[]
  /** Not yet part of the rule. */
  isMissing: boolean
  /** Of its expression. */
  fault: ExpressionFault | undefined
  onChange: (row: Row) => void
  onRemove: () => void
}

const MOMENTS: ReadonlySet<Kind> = new Set(['date', 'time', 'datetime'])

export function RuleRow({ row, place, choices, items, isMissing, fault, onChange, onRemove }: Props) {
  const id = useId()
  return (
    <li className="rule-row" aria-label={t('rule.row', { place })}>
      {row.is === 'expression' ? (
        <input
          type="text"
          className="code"
          aria-label={t('rule.expression')}
          aria-invalid={isMissing ? true : undefined}
          aria-describedby={`${id}-faults`}
          spellcheck={false}
          value={row.text}
          onInput={(event) => onChange({ is: 'expression', text: event.currentTarget.value })}
        />
      ) : (
        <Condition {...{ row, choices, items, isMissing, onChange }} />
      )}
      <button
        type="button"
        className="quiet"
        aria-label={t('rule.remove', { place })}
        title={t('rule.remove', { place })}
        onClick={onRemove}
      >
        <Icon name="trash" />
      </button>
      {row.is === 'expression' && (
        <Faults id={`${id}-faults`} text={row.text} findings={fault ? [{ ...fault, severity: 'fault' }] : []} />
      )}
    </li>
  )
}

type ConditionProps = Pick<Props, 'choices' | 'items' | 'isMissing' | 'onChange'> & {
  row: Exclude<Row, { is: 'expression' }>
}

function Condition({ row, choices, items, isMissing, onChange }: ConditionProps) {
  const key = keyOf(row.subject)
  // A field that is not there (any more) may have any answer.
  const choice = choices.get(key)
  const kind = choice?.kind ?? 'any'
  const operations = operationsFor(kind, row)
  const isAnswer = row.is !== 'comparison' || row.measure === 'answer'
  const isOfText = row.is === 'test' && row.operator !== 'selected' && row.operator !== 'not_selected'
  return (
    <>
      <Picker
        label={t('rule.question')}
        items={items}
        value={shownAs(row.subject, (one) => choices.has(one))}
        onPick={(picked) => {
          const next = choices.get(picked)
          if (next) onChange(withSubject(row, choice, next))
        }}
      />
      <select
        className="rule-operator"
        aria-label={t('rule.operator')}
        value={nameOf(row)}
        onChange={(event) => {
          const operation = operations.find((one) => nameOf(one) === event.currentTarget.value)
          if (operation) onChange(withOperation(row, operation))
        }}
      >
        {operations.map((operation) => (
          <option key={nameOf(operation)} value={nameOf(operation)}>
            {labelOf(operation, kind)}
          </option>
        ))}
      </select>
      {row.is !== 'state' && (
        <RuleValue
          key={`${key} ${isAnswer}`}
          value={row.value}
          kind={isAnswer ? (isOfText ? 'text' : kind) : 'number'}
          options={isAnswer && !isOfText ? (choice?.options ?? []) : []}
          others={items}
          subjectOf={(picked) => choices.get(picked)?.subject}
          isMissing={isMissing}
          onChange={(value) => onChange({ ...row, value })}
        />
      )}
    </>
  )
}

function labelOf(operation: Operation, kind: Kind): string {
  if (operation.is !== 'comparison') return word('rule.op', operation.operator)
  const [measure = '', name = ''] = nameOf(operation).split('.')
  if (measure === 'answer') return word('rule.op', MOMENTS.has(kind) ? `moment_${name}` : name)
  return t('rule.measured', { measure: word('rule.measure', measure), operator: word('rule.op', name) })
}
