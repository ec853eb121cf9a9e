// All texts of the form beside each other in its languages: what is missing is shown, counted, and found by a filter.
// Self-contained: the document comes in, changes of it go out.
//
//   <Translations document={document} onEdit={(edit, about) => onEdit({ edit, changed: null, about })} />
//
// `about` names what is typed into, so that it makes one step of undo; absent: a step of its own.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import type { FormSchema } from '../../../../../../src/forms/schema.ts'
import { t, word } from '../../../../i18n/i18n.ts'
import { CheckField, TextField } from '../../../../ui/form.tsx'
import { Empty } from '../../../../ui/states.tsx'
import '../parts.css'
import { writtenText } from '../texts.ts'
import { languagesOf, type Slot, slotsOf, writeText } from './document-texts.ts'
import { Languages, languageName } from './languages.tsx'

export type OnEdit = (edit: (document: FormSchema) => FormSchema, about?: string) => void

interface Props {
  document: FormSchema
  onEdit: OnEdit
}

interface Row extends Slot {
  key: string
  /** As it is written in each language. */
  written: readonly string[]
}

const ROW_PX = 48

export function Translations({ document, onEdit }: Props) {
  const [wanted, setWanted] = useState('')
  // What was missing when it was asked for: a row is not taken away while somebody types into it.
  const [missing, setMissing] = useState<ReadonlySet<string> | null>(null)
  const languages = useMemo(() => languagesOf(document), [document])
  const shown = languages.length > 0 ? languages : ['']
  const rows = useMemo(() => rowsOf(document, languages), [document, languages])
  const needle = wanted.trim().toLocaleLowerCase()
  const found = rows.filter(
    ({ key, of, written }) =>
      (missing === null || missing.has(key)) &&
      (needle === '' || [of, ...written].some((text) => text.toLocaleLowerCase().includes(needle))),
  )
  const isIncomplete = ({ written }: Row) => written.some((text) => text.trim() === '')
  const lacking = languages.map((_, index) => rows.filter(({ written }) => written[index]?.trim() === '').length)
  return (
    <div className="translations">
      <Languages languages={languages} missing={lacking} total={rows.length} onEdit={onEdit} />
      <div className="filters">
        <TextField label={t('translations.search')} name="search" type="search" value={wanted} onValue={setWanted} />
        {languages.length > 1 && (
          <CheckField
            label={t('translations.missing_only')}
            name="missing"
            checked={missing !== null}
            onValue={(only) => setMissing(only ? new Set(rows.filter(isIncomplete).map(({ key }) => key)) : null)}
          />
        )}
      </div>
      {found.length === 0 ? (
        <Empty title={missing && needle === '' ? t('translations.none_missing') : t('translations.none')} />
      ) : (
        <Texts rows={found} languages={shown} onEdit={onEdit} />
      )}
    </div>
  )
}

function rowsOf(document: FormSchema, languages: readonly string[]): Row[] {
  const shown = languages.length > 0 ? languages : ['']
  const main = shown[0]!
  return slotsOf(document).map((slot) => ({
    ...slot,
    key: JSON.stringify(slot.path),
    written: shown.map((language) => writtenText(slot.text, language, main)),
  }))
}

function Texts({ rows, languages, onEdit }: { rows: readonly Row[]; languages: readonly string[]; onEdit: OnEdit }) {
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 6,
  })
  const drawn = virtual.getVirtualItems()
  const above = drawn[0]?.start ?? 0
  const below = drawn.length > 0 ? virtual.getTotalSize() - drawn.at(-1)!.end : 0
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-box text-box" ref={box} aria-label={t('translations.title')} tabIndex={0}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">{t('translations.text')}</th>
            {languages.map((language) => (
              <th key={language} scope="col">
                {language === '' ? t('translations.plain') : languageName(language)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Gap span={languages.length + 1} heightPx={above} />}
          {drawn.map(({ index }) => {
            const row = rows[index]
            return (
              row && (
                <tr key={row.key} data-index={index} ref={virtual.measureElement} aria-rowindex={index + 2}>
                  <th scope="row">
                    <span>{word('translations.what', row.what)}</span>{' '}
                    {row.of !== '' && <code className="soft small">{row.of}</code>}
                  </th>
                  {languages.map((language, at) => (
                    <td key={language}>
                      <textarea
                        rows={1}
                        dir="auto"
                        lang={language || undefined}
                        aria-label={`${word('translations.what', row.what)} ${row.of}: ${languageName(language)}`}
                        className={row.written[at]!.trim() === '' ? 'missing' : undefined}
                        placeholder={t('translations.missing')}
                        value={row.written[at]}
                        onInput={(event) => {
                          const { value } = event.currentTarget
                          onEdit((now) => writeText(now, row.path, language, value), `${row.key} ${language}`)
                        }}
                      />
                    </td>
                  ))}
                </tr>
              )
            )
          })}
          {below > 0 && <Gap span={languages.length + 1} heightPx={below} />}
        </tbody>
      </table>
    </section>
  )
}

const Gap = ({ span, heightPx }: { span: number; heightPx: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
  <tr aria-hidden="true" className="gap">
    <td colSpan={span} style={{ height: `${heightPx}px` }} />
  </tr>
)
