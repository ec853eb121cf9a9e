// The options of a choice: values, labels, columns for choice filters; added, moved, removed, pasted from a spreadsheet.
// Self-contained: options come in, options go out. Whose they are (of one field or a shared list) is the caller's matter.
//
//   <OptionsEditor label={…} options={optionsOf(document, field)} languages={languagesOf(document)} language={language}
//     onChange={(options, about) => onEdit({ edit: (now) => changeOptions(now, field, options), changed: uid, about })} />
//
// `languages`: of the form, its default first; none: its texts are plain. `about` names what is typed into, so that it
// makes one step of undo; absent: a step of its own. Give it a `key` with the uid of the field.
import { useCallback, useMemo, useRef, useState } from 'react'
import type { FieldOption } from '../../../../../../src/forms/schema.ts'
import { t } from '../../../../i18n/i18n.ts'
import { Dialog } from '../../../../ui/dialog.tsx'
import { Form, TextField, textOf } from '../../../../ui/form.tsx'
import { Icon } from '../../../../ui/icon.tsx'
import '../parts.css'
import { withText, writtenText } from '../texts.ts'
import { type Cell, OptionList } from './option-list.tsx'
import { PasteDialog } from './paste-dialog.tsx'
import { columnsIn, freeValue, RESERVED_KEYS, repeatedValues } from './sheet.ts'

interface Props {
  label: string
  options: readonly FieldOption[]
  languages: readonly string[]
  /** That labels are written in; '' where the form has no languages. */
  language: string
  onChange: (options: FieldOption[], about?: string) => void
}

/** As values are made before anybody gives a label. */
const AUTOMATIC = /^option(_\d+)?$/

/** Undefined: without it. The keys keep their order. */
function withCell(option: FieldOption, key: string, cell: unknown): FieldOption {
  const { [key]: _, ...rest } = option
  return (cell === undefined ? rest : { ...option, [key]: cell }) as FieldOption
}

export function OptionsEditor({ label, options, languages, language, onChange }: Props) {
  const [added, setAdded] = useState<readonly string[]>([])
  const [focus, setFocus] = useState<{ index: number; cell: string } | null>(null)
  const [pasting, setPasting] = useState<{ at: number; text: string } | null>(null)
  const [isNaming, setNaming] = useState(false)
  const [told, setTold] = useState('')
  const main = languages[0] ?? ''
  const columns = useMemo(() => [...new Set([...columnsIn(options), ...added])], [options, added])
  const repeated = useMemo(() => repeatedValues(options), [options])
  // What follows at once on what was typed (a focus that goes, a drop) is about the options with it, drawn or not.
  const drawn = useRef(options)
  const latest = useRef(options)
  if (drawn.current !== options) latest.current = drawn.current = options
  const change = useCallback(
    (next: FieldOption[], about?: string) => {
      latest.current = next
      onChange(next, about)
    },
    [onChange],
  )
  const cells = useMemo((): Cell[] => {
    const ofColumn = (name: string): Cell => ({
      key: `#${name}`,
      title: name,
      textOf: (option) => String(option[name] ?? ''),
      write: (option, text) => withCell(option, name, text || undefined),
    })
    return [
      {
        key: 'label',
        title: language === '' ? t('options.label') : t('options.label_in', { language }),
        textOf: (option) => writtenText(option.label, language, main),
        write: (option, text) => withCell(option, 'label', withText(option.label, language, main, text)),
      },
      {
        key: 'value',
        title: t('options.value'),
        isCode: true,
        textOf: ({ value }) => String(value),
        write: (option, text) => ({ ...option, value: text }),
      },
      ...columns.map(ofColumn),
    ]
  }, [columns, language, main])

  const insert = (index: number) => {
    const value = freeValue('option', new Set(latest.current.map((option) => String(option.value))))
    change(latest.current.toSpliced(index, 0, { value }))
    setFocus({ index, cell: 'label' })
  }
  const move = useCallback(
    (from: number, to: number) => {
      const now = latest.current
      const moved = now[from]
      if (!moved || to < 0 || to >= now.length || to === from) return
      change(now.toSpliced(from, 1).toSpliced(to, 0, moved))
      setFocus({ index: to, cell: 'label' })
      setTold(t('options.moved', { value: String(moved.value), place: to + 1, count: now.length }))
    },
    [change],
  )
  // A value is made from the first label that is given.
  const leave = (index: number, cell: string) => {
    const option = latest.current[index]
    if (!option || cell !== 'label' || !AUTOMATIC.test(String(option.value))) return
    const written = writtenText(option.label, language, main)
    if (written === '') return
    const taken = new Set(latest.current.map(({ value }) => String(value)))
    taken.delete(String(option.value))
    const value = freeValue(written, taken)
    if (value !== option.value) change(latest.current.with(index, { ...option, value }), `option ${index} label`)
  }
  return (
    <div className="options">
      <OptionList
        label={label}
        options={options}
        cells={cells}
        isFaulty={({ value }) => repeated.has(String(value))}
        focus={focus}
        onWrite={(index, option, about) => change(latest.current.with(index, option), about)}
        onLeave={leave}
        onInsert={insert}
        onMove={move}
        onRemove={(index) => {
          change(latest.current.toSpliced(index, 1))
          setFocus({ index: Math.min(index, latest.current.length - 1), cell: 'label' })
        }}
        onPaste={(index, text) => setPasting({ at: index + 1, text })}
      />
      {repeated.size > 0 && (
        <p className="fault">{t('options.repeated', { values: [...repeated].map((one) => `“${one}”`).join(', ') })}</p>
      )}
      <p className="unseen" role="status">
        {told}
      </p>
      <div className="row">
        <button type="button" onClick={() => insert(options.length)}>
          <Icon name="add" /> {t('options.add')}
        </button>
        <button type="button" onClick={() => setPasting({ at: options.length, text: '' })}>
          {t('options.paste')}
        </button>
        <button type="button" className="quiet" onClick={() => setNaming(true)}>
          <Icon name="columns" /> {t('options.add_column')}
        </button>
        <span className="soft small">{t('options.count', { count: options.length })}</span>
      </div>
      {pasting && (
        <PasteDialog
          text={pasting.text}
          options={options}
          languages={languages}
          onTake={(pasted, isInstead) => {
            change(isInstead ? pasted : latest.current.toSpliced(pasting.at, 0, ...pasted))
            setPasting(null)
          }}
          onClose={() => setPasting(null)}
        />
      )}
      {isNaming && (
        <Dialog title={t('options.add_column')} onClose={() => setNaming(false)}>
          <Form
            action={t('options.add_column')}
            onCancel={() => setNaming(false)}
            onSubmit={(values) => {
              const name = textOf(values, 'column')
              if (name && !RESERVED_KEYS.has(name)) setAdded((before) => [...before, name])
              setNaming(false)
            }}
          >
            <TextField
              label={t('options.column')}
              hint={t('options.column_help')}
              name="column"
              required
              pattern="[A-Za-z_][A-Za-z0-9_]*"
            />
          </Form>
        </Dialog>
      )}
    </div>
  )
}
