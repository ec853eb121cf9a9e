// Downloads of exports, and what is in them.
import { unzipSync } from 'fflate'
import { API, type TestApp, type User } from './app.ts'
import { readStrictCsv } from './csv.ts'

export interface Download {
  status: number
  headers: Headers
  bytes: Uint8Array
  text: string
  /** Of errors and JSON formats. */
  json: any
  /** Of archives: text by entry name, in the order of the archive. */
  files: Record<string, string>
}

type Query = Record<string, string | number | boolean>

/** GET /submissions/export/<format>. Throws what breaks the answer. */
export const exported = (test: TestApp, by: User, format: string, query: Query): Promise<Download> =>
  fetched(test, by, `/submissions/export/${format}?${new URLSearchParams(stringsOf(query))}`)

const stringsOf = (query: Query) =>
  Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)]))

export async function fetched({ app }: TestApp, by: User, path: string, headers: Record<string, string> = {}) {
  const url = path.startsWith('http') ? path : `http://fieldpost.test${API}${path}`
  const response = await app.request(
    new Request(url, { headers: { authorization: `Bearer ${by.accessToken}`, ...headers } }),
  )
  return readDownload(response)
}

export async function readDownload(response: Response): Promise<Download> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const type = response.headers.get('content-type') ?? ''
  const textOf = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    json: /^application\/(?:[a-z.]+\+)?json/.test(type) ? JSON.parse(textOf()) : null,
    // Only when asked: not every download is a text, and not every archive holds texts.
    get text() {
      return textOf()
    },
    get files() {
      return textsIn(bytes)
    },
  }
}

export function textsIn(archive: Uint8Array): Record<string, string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return Object.fromEntries(Object.entries(unzipSync(archive)).map(([name, bytes]) => [name, decoder.decode(bytes)]))
}

/** Rows of a CSV text as objects by header; read strictly. */
export function tableOf(text: string | undefined): Record<string, string>[] {
  const [header, ...rows] = readStrictCsv(text ?? '')
  return rows.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i]!])))
}

export const headerOf = (text: string | undefined): string[] => readStrictCsv(text ?? '')[0]!
