// Tables of any length. Rows outside the window are not drawn, columns sort where the server can, and all of it works
// by keyboard: arrows move between rows, Enter opens, Space marks.

import { useWindowVirtualizer } from '@tanstack/react-virtual'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'react'
import { t } from '../i18n/i18n.ts'

export interface Column<Row> {
  id: string
  label: string
  cell: (row: Row) => ComponentChildren
  align?: 'end'
  /** The name of the server's order; absent: it has none for this column. */
  sort?: string
}

export interface Sorting {
  /** As the server writes it: `name`, or `-name` for descending. */
  by: string
  onSort: (by: string) => void
}

interface Props<Row> {
  /** What the table shows, for screen readers. */
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** All there are on the server; default: the rows at hand. */
  total?: number
  onOpen?: (row: Row) => void
  marked?: {
    keys: ReadonlySet<string>
    onMark: (row: Row, marked: boolean) => void
    /** Of the rows at hand. */
    onMarkAll: (marked: boolean) => void
    nameOf: (row: Row) => string
  }
  sorting?: Sorting
  /** Called when the end of the rows comes into view. */
  onEnd?: () => void
}

const ROW_PX = 41
/** Shorter tables are drawn whole. */
const DRAW_ALL = 50

export function Table<Row>(props: Props<Row>) {
  const { label, columns, rows, keyOf, total = rows.length, onOpen, marked, sorting, onEnd } = props
  const box = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState(0)
  const [offsetPx, setOffsetPx] = useState(0)
  const isVirtual = rows.length > DRAW_ALL

  useEffect(() => {
    setOffsetPx(box.current?.offsetTop ?? 0)
  }, [])
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: offsetPx,
    enabled: isVirtual,
  })
  const drawn = isVirtual ? virtual.getVirtualItems() : []
  const first = isVirtual ? (drawn[0]?.index ?? 0) : 0
  const last = isVirtual ? (drawn.at(-1)?.index ?? Math.min(rows.length, 30) - 1) : rows.length - 1
  const above = drawn[0] ? drawn[0].start - offsetPx : 0
  const below = isVirtual && drawn.length > 0 ? virtual.getTotalSize() - (drawn.at(-1)!.end - offsetPx) : 0

  useEffect(() => {
    if (onEnd && rows.length > 0 && last >= rows.length - 20 && (isVirtual || atPageEnd())) onEnd()
  }, [last, rows.length, isVirtual, onEnd])
  useEffect(() => {
    if (!onEnd) return
    const look = () => {
      if (!isVirtual && atPageEnd()) onEnd()
    }
    addEventListener('scroll', look, { passive: true })
    return () => removeEventListener('scroll', look)
  }, [onEnd, isVirtual])

  const moveTo = (index: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, index))
    setFocused(target)
    if (isVirtual) virtual.scrollToIndex(target, { align: 'auto' })
    const focusRow = () => {
      const row = box.current?.querySelector<HTMLElement>(`tr[data-index="${target}"]`)
      row?.focus()
      return Boolean(row)
    }
    // At once, so that the next key starts from there; a row that is not drawn yet has to be drawn first.
    if (!focusRow()) requestAnimationFrame(focusRow)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target instanceof HTMLTableRowElement ? event.target : null
    if (!row) return
    const index = Number(row.dataset.index)
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + 10,
      PageUp: index - 10,
      Home: 0,
      End: rows.length - 1,
    }
    const here = rows[index]
    if (event.key in steps) moveTo(steps[event.key]!)
    else if (event.key === 'Enter' && onOpen && here) onOpen(here)
    else if (event.key === ' ' && marked && here) marked.onMark(here, !marked.keys.has(keyOf(here)))
    else return
    event.preventDefault()
  }

  const span = columns.length + (marked ? 1 : 0)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows inside are what is focused and pressed
    <div className="table-box" ref={box} onKeyDown={onKeyDown}>
      <table aria-label={label} aria-rowcount={total + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {marked && (
              <th scope="col" className="mark-cell">
                <input
                  type="checkbox"
                  aria-label={t('table.mark_all')}
                  checked={rows.length > 0 && rows.every((row) => marked.keys.has(keyOf(row)))}
                  onChange={(event) => marked.onMarkAll(event.currentTarget.checked)}
                />
              </th>
            )}
            {columns.map((column) => (
              <Head key={column.id} column={column} sorting={sorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Gap span={span} heightPx={above} />}
          {rows.slice(first, last + 1).map((row, place) => {
            const index = first + place
            const key = keyOf(row)
            const isMarked = marked?.keys.has(key)
            return (
              <tr
                key={key}
                data-index={index}
                aria-rowindex={index + 2}
                aria-selected={isMarked}
                className={onOpen ? 'opens' : undefined}
                tabIndex={onOpen || marked ? (index === Math.min(focused, rows.length - 1) ? 0 : -1) : undefined}
                onFocus={() => setFocused(index)}
                onClick={(event) => {
                  const inner = (event.target as HTMLElement).closest('a, button, input, label')
                  if (!inner && !String(getSelection())) onOpen?.(row)
                }}
              >
                {marked && (
                  <td className="mark-cell">
                    <input
                      type="checkbox"
                      aria-label={t('table.mark', { name: marked.nameOf(row) })}
                      checked={isMarked}
                      onChange={(event) => marked.onMark(row, event.currentTarget.checked)}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.id} className={column.align}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            )
          })}
          {below > 0 && <Gap span={span} heightPx={below} />}
        </tbody>
      </table>
    </div>
  )
}

const atPageEnd = (): boolean => innerHeight + scrollY >= document.documentElement.scrollHeight - 400

const Gap = ({ span, heightPx }: { span: number; heightPx: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
  <tr aria-hidden="true" className="gap">
    <td colSpan={span} style={{ height: `${heightPx}px` }} />
  </tr>
)

function Head<Row>({ column: { label, align, sort }, sorting }: { column: Column<Row>; sorting?: Sorting }) {
  if (!sort || !sorting)
    return (
      <th scope="col" className={align}>
        {label}
      </th>
    )
  const [up, down] = [sorting.by === sort, sorting.by === `-${sort}`]
  return (
    <th scope="col" className={align} aria-sort={up ? 'ascending' : down ? 'descending' : undefined}>
      <button type="button" className="sort" onClick={() => sorting.onSort(down ? sort : `-${sort}`)}>
        {label}
        <span aria-hidden="true">{up ? ' ↑' : down ? ' ↓' : ''}</span>
      </button>
    </th>
  )
}
