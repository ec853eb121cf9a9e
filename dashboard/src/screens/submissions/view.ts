// What the list shows, as it stands in the address: a view is saved and passed on by its link.
import { useCallback } from 'react'
import type { ReviewState } from '../../api/types.ts'
import { useAddress } from '../../ui/address.ts'

export const REVIEW_STATES = ['received', 'approved', 'rejected', 'has_issues'] as const
export const SORTS = ['arrived', '-arrived', 'collected', '-collected', 'updated', '-updated'] as const
/** Lists of work. */
export const LISTS = ['issues', 'missing', 'deleted'] as const

/** How columns of answers are named, so that no field's id can be taken for one of ours. */
export const ANSWER = 'a.'

export interface View {
  form?: string
  state?: ReviewState
  list?: (typeof LISTS)[number]
  from?: string
  to?: string
  mode: 'live' | 'test'
  sort: (typeof SORTS)[number]
  /** Names of the columns; absent: those that we choose. */
  columns?: string[]
}

const pick = <T extends string>(values: readonly T[], text: string | null): T | undefined =>
  values.find((value) => value === text)

export function useView(): [View, (change: Partial<View>) => void] {
  const [params, put] = useAddress()
  const view: View = {
    form: params.get('form') || undefined,
    state: pick(REVIEW_STATES, params.get('state')),
    list: pick(LISTS, params.get('list')),
    from: params.get('from') || undefined,
    to: params.get('to') || undefined,
    mode: params.get('mode') === 'test' ? 'test' : 'live',
    sort: pick(SORTS, params.get('sort')) ?? '-arrived',
    columns: params.get('columns')?.split(',').filter(Boolean),
  }
  const change = useCallback(
    (changed: Partial<View>) =>
      put(
        Object.fromEntries(
          Object.entries(changed).map(([name, value]) => {
            const text = Array.isArray(value) ? value.join(',') : value
            return [name, name === 'mode' && text === 'live' ? null : text]
          }),
        ),
      ),
    [put],
  )
  return [view, change]
}

/** What it picks of one form, as lists, maps and charts ask for it. */
export const pickOf = ({ state, list, from, to, mode }: Omit<View, 'sort'>) => ({
  ...(state && { review_state: state }),
  ...(list === 'issues' && { issues: 'true' as const }),
  ...(list === 'deleted' && { deleted: 'true' as const }),
  ...(from && { start_date: from }),
  ...(to && { end_date: to }),
  ...(mode === 'test' && { mode }),
})

/** The same view as the API's query. */
export const queryOf = ({ form, sort, ...view }: View) => ({
  ...(form && { form_id: form }),
  ...pickOf(view),
  ...(view.list === 'missing' && { missing_media: 'true' as const }),
  // Missing photos are looked for in one order only.
  ...(sort !== '-arrived' && view.list !== 'missing' && { sort }),
})

/** What an export of the view picks, for the address of the exports. */
export const exportOf = ({ form, state, from, to, mode, columns }: View): URLSearchParams =>
  new URLSearchParams({
    ...(columns && { columns: columns.join(',') }),
    ...(form && { form }),
    ...(state && { state }),
    ...(from && { from }),
    ...(to && { to }),
    ...(mode === 'test' && { mode }),
  })
