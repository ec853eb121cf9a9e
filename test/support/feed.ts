// A reader of the feed, as an integration writes one: it stores a cursor and follows it until it is up to date.
import { type Caller, expectStatus } from './app.ts'

export interface FeedItem {
  kind: string
  seq: number
  id: string
  [field: string]: any
}

export interface Reading {
  items: FeedItem[]
  cursor: string
  pages: number
}

const pathOf = (after: string | undefined, query: string): string =>
  `/changes?${[after === undefined ? '' : `after=${after}`, query].filter(Boolean).join('&')}`

/** One page. `query` is further parameters: `limit=5&kinds=forms`. */
export async function readPage(by: Caller, after?: string, query = '') {
  const { body } = expectStatus(200, await by.get(pathOf(after, query)))
  return body as { items: FeedItem[]; cursor: string; has_more: boolean; epoch: number }
}

/** All pages from a cursor (or the beginning) to the end. */
export async function readFeed(by: Caller, after?: string, query = ''): Promise<Reading> {
  const items: FeedItem[] = []
  let cursor = after
  for (let pages = 1; ; pages++) {
    const page = await readPage(by, cursor, query)
    items.push(...page.items)
    cursor = page.cursor
    if (!page.has_more) return { items, cursor, pages }
    if (page.items.length === 0) throw new Error('A page is empty, and yet more is promised')
  }
}

/** What a copy that was fed with these items holds: the last word on each thing. */
export function copyOf(items: FeedItem[]): Map<string, FeedItem> {
  const copy = new Map<string, FeedItem>()
  for (const item of items) copy.set(`${item.kind === 'tombstone' ? item.of : item.kind} ${item.id}`, item)
  return copy
}
