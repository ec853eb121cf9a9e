// The options themselves: value, label and columns side by side, in a box that draws only the rows in it, so that
// thousands stay fluid. Moved by dragging, by the buttons, and by Alt with an arrow.
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine'
import { draggable, dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { FieldOption } from '../../../../../../src/forms/schema.ts'
import { t } from '../../../../i18n/i18n.ts'
import { Icon } from '../../../../ui/icon.tsx'

/** Where a row's texts are typed into. */
export interface Cell {
  key: string
  title: string
  isCode?: boolean
  textOf: (option: FieldOption) => string
  /** The option with this text. */
  write: (option: FieldOption, text: string) => FieldOption
}

interface Props {
  label: string
  options: readonly FieldOption[]
  cells: readonly Cell[]
  isFaulty: (option: FieldOption) => boolean
  /** A cell that is to have the focus, once. */
  focus: { index: number; cell: string } | null
  /** `about`: names what is typed into. */
  onWrite: (index: number, option: FieldOption, about: string) => void
  onLeave: (index: number, cell: string) => void
  onInsert: (index: number) => void
  onMove: (from: number, to: number) => void
  onRemove: (index: number) => void
  /** Text of several lines or cells was pasted into the row. */
  onPaste: (index: number, text: string) => void
}

const ROW_PX = 44

export function OptionList(props: Props) {
  const { label, options, cells, focus, onMove } = props
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: options.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  })
  useEffect(() => {
    if (!focus) return
    virtual.scrollToIndex(focus.index, { align: 'auto' })
    // The row may have to be drawn first.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        box.current
          ?.querySelector<HTMLElement>(`[data-index="${focus.index}"] [data-cell="${CSS.escape(focus.cell)}"]`)
          ?.focus(),
      ),
    )
  }, [focus, virtual])
  useEffect(
    () =>
      monitorForElements({
        canMonitor: ({ source }) => source.data.optionsOf === box.current,
        onDrop: ({ source, location }) => {
          const to = location.current.dropTargets[0]?.data.to
          if (typeof to === 'number') onMove(Number(source.data.option), to)
        },
      }),
    [onMove],
  )
  const columns = { gridTemplateColumns: `1.75rem repeat(${cells.length}, minmax(8rem, 1fr)) auto` }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="option-box" ref={box} aria-label={label} tabIndex={0}>
      <div className="option-head" style={columns} aria-hidden="true">
        <span />
        {cells.map(({ key, title }) => (
          <span key={key}>{title}</span>
        ))}
      </div>
      <ol className="plain" style={{ blockSize: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const option = options[index]
          return (
            option && (
              <OptionRow
                key={index}
                {...props}
                box={box.current}
                index={index}
                option={option}
                style={{ ...columns, transform: `translateY(${start}px)` }}
              />
            )
          )
        })}
      </ol>
    </section>
  )
}

interface RowProps extends Props {
  box: HTMLElement | null
  index: number
  option: FieldOption
  style: Record<string, string>
}

function OptionRow({ box, index, option, style, options, cells, isFaulty, ...on }: RowProps) {
  const row = useRef<HTMLLIElement>(null)
  const handle = useRef<HTMLSpanElement>(null)
  const [over, setOver] = useState<'before' | 'after' | null>(null)
  const place = index + 1
  useEffect(() => {
    if (!row.current || !handle.current) return
    return combine(
      draggable({
        element: row.current,
        dragHandle: handle.current,
        getInitialData: () => ({ optionsOf: box, option: index }),
      }),
      dropTargetForElements({
        element: row.current,
        canDrop: ({ source }) => source.data.optionsOf === box && source.data.option !== index,
        getData: ({ input, element, source }) => {
          const { top, height } = element.getBoundingClientRect()
          const isBefore = input.clientY < top + height / 2
          const from = Number(source.data.option)
          // Places are counted without the one that moves.
          return { isBefore, to: (isBefore ? index : index + 1) - (from < index ? 1 : 0) }
        },
        onDrag: ({ self }) => setOver(self.data.isBefore ? 'before' : 'after'),
        onDragLeave: () => setOver(null),
        onDrop: () => setOver(null),
      }),
    )
  }, [box, index])
  const onKeyDown = (event: KeyboardEvent, cell: string) => {
    if (event.altKey && event.key === 'ArrowUp') on.onMove(index, index - 1)
    else if (event.altKey && event.key === 'ArrowDown') on.onMove(index, index + 1)
    else if (event.key === 'Enter') {
      on.onLeave(index, cell)
      on.onInsert(place)
    } else return
    event.preventDefault()
  }
  return (
    <li
      ref={row}
      data-index={index}
      className={over ? `option-row drop-${over}` : 'option-row'}
      style={style}
      aria-posinset={place}
      aria-setsize={options.length}
    >
      <span ref={handle} className="option-handle" aria-hidden="true">
        ⠿
      </span>
      {cells.map(({ key, title, isCode, textOf, write }) => (
        <input
          key={key}
          type="text"
          data-cell={key}
          className={isCode ? 'code' : undefined}
          dir="auto"
          aria-label={t('options.cell', { title, place })}
          aria-invalid={isCode && isFaulty(option) ? true : undefined}
          value={textOf(option)}
          onInput={(event) => on.onWrite(index, write(option, event.currentTarget.value), `option ${index} ${key}`)}
          onBlur={() => on.onLeave(index, key)}
          onKeyDown={(event) => onKeyDown(event, key)}
          onPaste={(event) => {
            const text = event.clipboardData?.getData('text/plain') ?? ''
            if (!/[\t\n\r]/.test(text.trim())) return
            event.preventDefault()
            on.onPaste(index, text)
          }}
        />
      ))}
      <span className="option-tools">
        <button
          type="button"
          className="quiet"
          aria-label={t('options.up', { place })}
          title={t('options.up', { place })}
          disabled={index === 0}
          onClick={() => on.onMove(index, index - 1)}
        >
          ↑
        </button>
        <button
          type="button"
          className="quiet"
          aria-label={t('options.down', { place })}
          title={t('options.down', { place })}
          disabled={place === options.length}
          onClick={() => on.onMove(index, index + 1)}
        >
          ↓
        </button>
        <button
          type="button"
          className="quiet"
          aria-label={t('options.remove', { place })}
          title={t('options.remove', { place })}
          // A choice without any is none.
          disabled={options.length === 1}
          onClick={() => on.onRemove(index)}
        >
          <Icon name="trash" />
        </button>
      </span>
    </li>
  )
}
