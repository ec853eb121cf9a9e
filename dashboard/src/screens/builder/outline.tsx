// The questions as a tree of any length: chosen, folded, moved by keyboard and by dragging. Rows outside the box are not
// drawn. What a move does is the caller's matter.
//
// Keys: up and down, Home, End, Page Up and Down choose; right and left unfold and fold; Enter goes to the properties;
// Alt with an arrow moves the question, in and out of groups, too; Ctrl+D copies, Delete deletes.
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine'
import { draggable, dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { useVirtualizer } from '@tanstack/react-virtual'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { fieldTypeName } from '../../ui/field-type.ts'
import type { Place, Step } from './model/document.ts'
import type { OutlineRow } from './model/outline-rows.ts'

export interface OutlineProps {
  rows: readonly OutlineRow[]
  chosen: string | null
  labelOf: (row: OutlineRow) => string
  marksOf: (row: OutlineRow) => ComponentChildren
  /** False while rows are left out: a place among them would mean something else. */
  canMove: boolean
  onChoose: (uid: string) => void
  onOpen: () => void
  onFold: (uid: string, folded: boolean) => void
  onStep: (uid: string, step: Step) => void
  onDrop: (uid: string, place: Place) => void
  onCopy: (uid: string) => void
  onRemove: (uid: string) => void
}

const ROW_PX = 40
const PAGE_ROWS = 10
const ARROWS: Record<string, Step> = { ArrowUp: 'up', ArrowDown: 'down', ArrowRight: 'in', ArrowLeft: 'out' }
const MIRRORED: Record<string, string> = { ArrowRight: 'ArrowLeft', ArrowLeft: 'ArrowRight' }

export function Outline(props: OutlineProps) {
  const { rows, chosen, canMove, onChoose, onDrop } = props
  const box = useRef<HTMLDivElement>(null)
  const wantsFocus = useRef(false)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  })
  const chosenIndex = rows.findIndex(({ key }) => key === chosen)

  useEffect(() => {
    if (chosenIndex >= 0) virtual.scrollToIndex(chosenIndex, { align: 'auto' })
  }, [chosenIndex, virtual])
  // After every drawing: the row that is to have the focus may only now be there.
  useLayoutEffect(() => {
    if (!wantsFocus.current || chosen === null) return
    const row = box.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(chosen)}"]`)
    if (!row) return
    wantsFocus.current = false
    row.focus({ preventScroll: true })
  })
  useEffect(
    () =>
      monitorForElements({
        canMonitor: ({ source }) => typeof source.data.outline === 'string',
        onDrop: ({ source, location }) => {
          const place = location.current.dropTargets[0]?.data.place as Place | undefined
          if (place) onDrop(String(source.data.outline), place)
        },
      }),
    [onDrop],
  )

  const onKeyDown = (event: KeyboardEvent) => {
    // Of keys that come quickly, the next one is about the row that is about to have the focus.
    const from = wantsFocus.current ? chosen : (event.target as HTMLElement).dataset.key
    const index = rows.findIndex(({ key }) => key === from)
    const row = rows[index]
    if (!row || !handled(event, props, row, index, moveTo)) return
    wantsFocus.current = true
    event.preventDefault()
  }
  const moveTo = (index: number) => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (target) onChoose(target.key)
  }

  const drawn = virtual.getVirtualItems()
  // One row is reached by Tab: the chosen one, where it is drawn.
  const reached = drawn.some(({ index }) => index === chosenIndex) ? chosenIndex : drawn[0]?.index
  return (
    <div className="outline" ref={box} role="tree" aria-label={t('builder.outline')} onKeyDown={onKeyDown}>
      <div role="none" style={{ height: `${virtual.getTotalSize()}px` }}>
        {drawn.map(({ index, start }) => {
          const row = rows[index]
          return (
            row && (
              <Row
                key={row.key}
                row={row}
                top={start}
                isChosen={row.key === chosen}
                isReached={index === reached}
                canMove={canMove}
                label={props.labelOf(row)}
                marks={props.marksOf(row)}
                onChoose={onChoose}
                onFold={props.onFold}
              />
            )
          )
        })}
      </div>
    </div>
  )
}

/** Whether the key means something here. */
function handled(
  event: KeyboardEvent,
  { rows, canMove, onStep, onFold, onOpen, onCopy, onRemove }: OutlineProps,
  { key, open, level }: OutlineRow,
  index: number,
  moveTo: (index: number) => void,
): boolean {
  const pressed = document.documentElement.dir === 'rtl' ? (MIRRORED[event.key] ?? event.key) : event.key
  const step = event.altKey ? ARROWS[pressed] : undefined
  if (step) {
    if (canMove) onStep(key, step)
    return true
  }
  if ((event.ctrlKey || event.metaKey) && pressed.toLowerCase() === 'd') {
    onCopy(key)
    return true
  }
  if (event.altKey || event.ctrlKey || event.metaKey) return false
  const steps: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + PAGE_ROWS,
    PageUp: index - PAGE_ROWS,
    Home: 0,
    End: rows.length - 1,
  }
  if (pressed in steps) moveTo(steps[pressed]!)
  else if (pressed === 'ArrowRight' && open === false) onFold(key, false)
  else if (pressed === 'ArrowRight' && open) moveTo(index + 1)
  else if (pressed === 'ArrowLeft' && open) onFold(key, true)
  else if (pressed === 'ArrowLeft') moveTo(parentOf(rows, index, level))
  else if (pressed === 'Delete') onRemove(key)
  else if (pressed === 'Enter') {
    moveTo(index)
    onOpen()
    return false
  } else if (pressed === ' ') moveTo(index)
  else return false
  return true
}

function parentOf(rows: readonly OutlineRow[], index: number, level: number): number {
  for (let at = index - 1; at >= 0; at--) if (rows[at]!.level < level) return at
  return index
}

interface RowProps {
  row: OutlineRow
  top: number
  isChosen: boolean
  isReached: boolean
  canMove: boolean
  label: string
  marks: ComponentChildren
  onChoose: (uid: string) => void
  onFold: (uid: string, folded: boolean) => void
}

function Row({ row, top, isChosen, isReached, canMove, label, marks, onChoose, onFold }: RowProps) {
  const { key, field, level, place, siblings, open } = row
  const element = useRef<HTMLDivElement>(null)
  const [over, setOver] = useState<'before' | 'after' | 'into' | null>(null)
  useEffect(() => {
    if (!canMove || !element.current) return
    return combine(
      draggable({ element: element.current, getInitialData: () => ({ outline: key }) }),
      dropTargetForElements({
        element: element.current,
        canDrop: ({ source }) => typeof source.data.outline === 'string' && source.data.outline !== key,
        getData: ({ input, element: target }) => {
          const { top: edge, height } = target.getBoundingClientRect()
          const at = (input.clientY - edge) / height
          // Groups take in the middle, and below their head when they are open.
          const how = open === undefined ? (at < 0.5 ? 'before' : 'after') : at < 0.3 ? 'before' : 'into'
          return { how, place: { [how]: key } }
        },
        onDrag: ({ self }) => setOver(self.data.how as typeof over),
        onDragLeave: () => setOver(null),
        onDrop: () => setOver(null),
      }),
    )
  }, [canMove, key, open])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it listens to keys
    <div
      ref={element}
      role="treeitem"
      data-key={key}
      className={over ? `outline-row drop-${over}` : 'outline-row'}
      style={{ transform: `translateY(${top}px)`, paddingInlineStart: `${(level - 1) * 1.25 + 0.25}rem` }}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-expanded={open}
      aria-selected={isChosen}
      tabIndex={isReached ? 0 : -1}
      onClick={() => onChoose(key)}
    >
      {open === undefined ? (
        <span className="outline-fold" />
      ) : (
        // The keys for it are right and left.
        <span
          className={open ? 'outline-fold open' : 'outline-fold'}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation()
            onFold(key, open)
          }}
        >
          ›
        </span>
      )}
      <span className="outline-label" dir="auto">
        {label}
      </span>
      {marks}
      <span className="soft small outline-type">{fieldTypeName(field.type)}</span>
    </div>
  )
}
