// One question: its words, its input, and what is wrong with the answer. Drawn anew only when one of them changed.
import type { ComponentChildren } from 'preact'
import { memo, useId } from 'react'
import { canonicalChoice, canonicalSelectOther, isObject } from '../../../src/forms/canonical.ts'
import { type FieldType, isCaptureType, isMediaType } from '../../../src/forms/field-types.ts'
import type { AnswerPlan } from '../../../src/forms/plan.ts'
import type { RowAddress } from '../../../src/forms/put-answer.ts'
import type { Field, FieldOption } from '../../../src/forms/schema.ts'
import { textIn } from '../../../src/forms/texts.ts'
import { t } from '../i18n/i18n.ts'
import { textOfAnswer } from './answer-text.ts'
import { Attachments } from './attachments.tsx'
import { type Choice, ManyOf, OneFromMenu, OneOf, Ranked } from './choices.tsx'
import { type Surroundings, useSurroundings } from './context.ts'
import { FileInput } from './file-input.tsx'
import { type AriaIds, ClockInput, JsonInput, NumberInput, RangeInput, TextInput } from './inputs.tsx'
import { wordsOf } from './pages.ts'
import { PointInput, PointsInput } from './places.tsx'
import { Words } from './words.tsx'

interface Props {
  field: Field
  plan: AnswerPlan
  row: RowAddress
  /** As faults name it: `hh[1].m_name`. */
  path: string
  value: unknown
  options: readonly FieldOption[]
  label: string
  hint: string | undefined
  isRequired: boolean
  isReadOnly: boolean
  fault: string | undefined
}

export const Question = memo(function Question(props: Props) {
  const { field, plan, row, path, value, label, hint, fault } = props
  const id = useId()
  const around = useSurroundings()
  const { type } = field
  const isFixed =
    props.isReadOnly || around.isLocked || isCaptureType(type) || (isMediaType(type) && around.files === undefined)
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined
  const aria: AriaIds = {
    id,
    'aria-describedby': described,
    'aria-invalid': fault ? true : undefined,
    'aria-required': props.isRequired || undefined,
  }
  const shared = { field, value, aria, onChange: (next: unknown) => around.put(row, plan, next) }
  const choices = choicesOf(props.options, around)
  const input = inputFor(type, value, field, choices)
  const isTogether = !isFixed && (TOGETHER.has(input) || (input === 'one' && !isMenu(field, choices)))
  const below = (
    <>
      {hint && (
        <p id={`${id}-hint`} className="soft small hint" dir="auto">
          <Words text={hint} />
        </p>
      )}
      <Attachments media={field.media} />
      {isFixed ? (
        <output id={id} dir="auto">
          {textOfAnswer({ type, options: choices }, value) || '–'}
        </output>
      ) : (
        control(input, { ...shared, choices, around })
      )}
      {fault && (
        <p id={`${id}-fault`} className="fault">
          {fault}
        </p>
      )}
    </>
  )
  if (isTogether)
    return (
      <fieldset
        className="question"
        data-path={path}
        role={input === 'one' ? 'radiogroup' : undefined}
        aria-describedby={described}
        {...(input === 'one' && { 'aria-required': aria['aria-required'], 'aria-invalid': aria['aria-invalid'] })}
      >
        <legend dir="auto">
          <Words text={label} />
          {props.isRequired && <Required isSaid={input !== 'one'} />}
        </legend>
        {below}
      </fieldset>
    )
  if (input === 'tick' && !isFixed)
    return (
      <div className="question" data-path={path}>
        <label className="check">
          <input
            {...aria}
            type="checkbox"
            checked={value === true || value === 'OK'}
            onChange={(event) => shared.onChange(event.currentTarget.checked ? true : undefined)}
          />
          <span dir="auto">
            <Words text={label} />
            {props.isRequired && <Required isSaid={false} />}
          </span>
        </label>
        {below}
      </div>
    )
  return (
    <div className="field question" data-path={path}>
      <label id={`${id}-label`} htmlFor={id} dir="auto">
        <Words text={label} />
        {props.isRequired && <Required isSaid={false} />}
      </label>
      {below}
    </div>
  )
})

/** The star is drawn by the stylesheet; where the input itself cannot say that it is required, it is said here. */
const Required = ({ isSaid }: { isSaid: boolean }) => (
  <span className="required">{isSaid && <span className="unseen"> {t('fill.required')}</span>}</span>
)

/** Kinds of inputs; `json` bears what the others cannot show. */
type Input =
  | 'text'
  | 'number'
  | 'range'
  | 'clock'
  | 'one'
  | 'open'
  | 'many'
  | 'rank'
  | 'tick'
  | 'file'
  | 'point'
  | 'points'
  | 'route'
  | 'json'

/** Several controls under one name. */
const TOGETHER: ReadonlySet<Input> = new Set(['open', 'many', 'rank', 'point', 'points', 'route'])

const INPUTS: Partial<Record<FieldType, Input>> = {
  number: 'number',
  integer: 'number',
  decimal: 'number',
  range: 'range',
  date: 'clock',
  time: 'clock',
  datetime: 'clock',
  select_one: 'one',
  select_one_other: 'open',
  select_multiple: 'many',
  rank: 'rank',
  acknowledge: 'tick',
  photo: 'file',
  audio: 'file',
  video: 'file',
  signature: 'file',
  file: 'file',
  geopoint: 'point',
  geotrace: 'points',
  geoshape: 'points',
  route: 'route',
}

const isText = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number'

/** What an answer must be for the input to show all of it. */
const SHOWS: Record<Input, (value: unknown) => boolean> = {
  text: isText,
  number: isText,
  range: isText,
  clock: isText,
  one: (value) => canonicalChoice(value) !== undefined,
  open: (value) => canonicalSelectOther(value) !== undefined,
  many: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  rank: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  tick: (value) => typeof value === 'boolean' || value === 'OK',
  file: (value) => typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string')),
  point: isObject,
  points: (value) => Array.isArray(value) && value.every(isObject),
  route: isObject,
  json: () => true,
}

function inputFor(type: FieldType, value: unknown, field: Field, choices: readonly Choice[]): Input {
  const input = INPUTS[type] ?? 'text'
  if (value !== undefined && value !== null && !SHOWS[input](value)) return 'json'
  // The options stand in a file that is not here.
  return input === 'one' && choices.length === 0 && typeof field.itemset === 'string' ? 'text' : input
}

const MENU_AT_MOST = 200

const isMenu = ({ appearance }: Field, choices: readonly Choice[]): boolean =>
  wordsOf(appearance).includes('minimal') && choices.length <= MENU_AT_MOST

const choicesOf = (options: readonly FieldOption[], { language, fallback }: Surroundings): Choice[] =>
  options.map((option) => {
    const value = canonicalChoice(option.value) ?? ''
    const image = isObject(option.media) ? textIn(option.media.image, language, fallback) : undefined
    return { value, label: textIn(option.label, language, fallback) ?? value, image }
  })

interface ControlProps {
  field: Field
  value: unknown
  aria: AriaIds
  onChange: (value: unknown) => void
  choices: readonly Choice[]
  around: Surroundings
}

function control(input: Input, { choices, around, ...shared }: ControlProps): ComponentChildren {
  const { field } = shared
  switch (input) {
    case 'text':
      return <TextInput {...shared} />
    case 'number':
      return <NumberInput {...shared} />
    case 'range':
      return <RangeInput {...shared} />
    case 'clock':
      return <ClockInput {...shared} />
    case 'one':
    case 'open': {
      if (input === 'one' && isMenu(field, choices)) return <OneFromMenu {...shared} choices={choices} />
      const other = textIn(field.other_text_label, around.language, around.fallback) ?? t('answer.other')
      return <OneOf {...shared} choices={choices} isOpen={input === 'open'} otherLabel={other} />
    }
    case 'many':
      return <ManyOf {...shared} choices={choices} />
    case 'rank':
      return <Ranked {...shared} choices={choices} />
    case 'file':
      return around.files && <FileInput {...shared} files={around.files} />
    case 'point':
      return <PointInput {...shared} />
    case 'points':
    case 'route':
      return <PointsInput {...shared} isRoute={input === 'route'} />
    case 'json':
      return <JsonInput {...shared} />
    case 'tick':
      return undefined
  }
}
