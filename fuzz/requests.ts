// Requests for every operation of the document: right ones, so that the code behind the door is reached, and ones that
// are wrong in their credential, path, query, headers or body. Described, not written: they shrink, and print as curl.
import fc from 'fast-check'
import { type Credential, type Operation, referenceName } from './document.ts'
import { type Form, multipartForms } from './multipart.ts'
import { hostileTexts, hostileValues, reference, type SchemaReader, spoiled } from './values.ts'

export type Body =
  | { kind: 'none' }
  | { kind: 'text'; type: string | null; text: string }
  | { kind: 'bytes'; type: string | null; hex: string }
  | { kind: 'form'; form: Form }

export interface FuzzRequest {
  operation: string
  method: string
  /** Below /api/v1, percent-encoded where the parameters are not references. */
  path: string
  /** The operation's own path and method: the document then says which statuses may come. */
  isExact: boolean
  credential: Credential | Imposter
  query: [string, string][]
  headers: [string, string][]
  body: Body
}

export const IMPOSTERS = ['manager', 'worker', 'guessed', 'forged', 'dead', 'mangled', 'crossed'] as const
export type Imposter = (typeof IMPOSTERS)[number]

/** Operations after which a world is not worth much any more come up less often. */
const DESTRUCTIVE = /^(delete|logout|end|deactivate|revoke|changePassword|resetPassword|changeTenant|erase|discard)/

export function requestsFor(operations: Operation[], read: SchemaReader): fc.Arbitrary<FuzzRequest> {
  const weighted = operations.map((operation) => ({
    weight: weightOf(operation),
    arbitrary: requestFor(operation, read),
  }))
  return fc.oneof(...weighted)
}

function weightOf({ id, body, method }: Operation): number {
  if (DESTRUCTIVE.test(id) || method === 'DELETE') return 1
  return body ? (body.type.startsWith('multipart/') ? 120 : 60) : 30
}

function requestFor(operation: Operation, read: SchemaReader): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      path: paths(operation),
      method: mostly(
        fc.constant(operation.method),
        fc.constantFrom('HEAD', 'OPTIONS', 'GET', 'POST', 'PUT', 'DELETE'),
        30,
      ),
      credential: mostly<Credential | Imposter>(
        fc.constantFrom(...operation.credentials),
        fc.constantFrom<Credential | Imposter>(...IMPOSTERS, 'nobody', 'admin', 'device', 'key'),
        8,
      ),
      query: queries(operation, read),
      headers: headerLists,
      body: bodies(operation, read),
    })
    .map(({ path, method, body, ...rest }) => ({
      operation: operation.id,
      method,
      path: path.text,
      isExact: path.isExact && method === operation.method,
      // GET and HEAD carry no body in the API that sends them.
      body: method === 'GET' || method === 'HEAD' ? { kind: 'none' as const } : body,
      ...rest,
    }))
}

const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, times: number): fc.Arbitrary<T> =>
  fc.oneof({ weight: times, arbitrary: usual }, { weight: 1, arbitrary: odd })

function paths({ path }: Operation): fc.Arbitrary<{ text: string; isExact: boolean }> {
  const segments = path.split('/').slice(1)
  const parts = segments.map((segment, i) => {
    if (!segment.startsWith('{')) return fc.constant({ text: segment, isExact: true })
    const own = reference(referenceName(`/${segments.slice(0, i + 1).join('/')}`))
    const other = fc.constantFrom('forms', 'submissions', 'users', 'media', 'projects', 'fresh').map(reference)
    const odd = hostileTexts
      .filter((text) => text.length < 2_000)
      // A lone surrogate has no percent-encoding, and a dot segment is another path.
      .map((text) => encodeURIComponent(text.toWellFormed()).replace(/^\.+$/, '%2e'))
    return mostly(
      mostly(fc.constant(own), other, 10).map((text) => ({ text, isExact: true })),
      odd.map((text) => ({ text, isExact: text !== '' })),
      8,
    )
  })
  const ends = mostly(fc.constant(''), fc.constantFrom('/', '//', '/x', '%00', ';a=b'), 20)
  return fc.tuple(ends, ...parts).map(([end, ...list]) => ({
    text: `/${list.map(({ text }) => text).join('/')}${end}`,
    isExact: (end === '' || end === '/') && list.every(({ isExact }) => isExact),
  }))
}

function queries({ query }: Operation, read: SchemaReader): fc.Arbitrary<[string, string][]> {
  const own = query.map(({ name, schema }) =>
    fc.oneof(
      { weight: 16, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 4, arbitrary: read(schema, name).map((value): [string, string][] => [[name, String(value)]]) },
      { weight: 1, arbitrary: hostileTexts.map((text): [string, string][] => [[name, text.slice(0, 2_000)]]) },
      {
        weight: 1,
        arbitrary: hostileTexts.map((text): [string, string][] => [
          [name, ''],
          [name, text.slice(0, 50)],
        ]),
      },
    ),
  )
  const strange = mostly(
    fc.constant<[string, string][]>([]),
    fc
      .tuple(fc.constantFrom('limit', 'cursor', 'a[]', '__proto__', 'id', ''), hostileTexts)
      .map(([name, text]): [string, string][] => [[name, text.slice(0, 2_000)]]),
    10,
  )
  return fc.tuple(strange, ...own).map((lists) => lists.flat())
}

/** What a header can carry at all. */
const headerTexts = hostileTexts.map((text) =>
  text
    .slice(0, 4_000)
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
    .trim(),
)

const HEADERS: Record<string, fc.Arbitrary<string>> = {
  'x-d1-bookmark': fc.oneof(headerTexts, fc.constantFrom('00000001-00000002-00000003-abcdef', '-', '0')),
  'x-request-id': headerTexts,
  'x-app-version': headerTexts,
  'if-none-match': fc.oneof(headerTexts, fc.constantFrom('*', 'W/"a", "b"', '"'.repeat(500))),
  'if-range': headerTexts,
  range: fc.oneof(
    headerTexts,
    fc.constantFrom(
      'bytes=0-',
      'bytes=-1',
      'bytes=5-2',
      'bytes=0-0,1-1',
      'bytes=99999999999999999999-',
      'bytes=-0',
      'x=1-2',
    ),
  ),
  origin: headerTexts,
  cookie: fc.oneof(headerTexts, fc.constantFrom('fieldpost_refresh=~refresh~', 'fieldpost_refresh=', '=;;=')),
  'cf-connecting-ip': headerTexts,
  'accept-encoding': fc.constantFrom('br', 'identity;q=0, *;q=0', 'zstd'),
  'content-encoding': fc.constantFrom('gzip', 'br', 'nonsense'),
  'content-type': headerTexts,
  authorization: fc.oneof(
    headerTexts,
    headerTexts.map((text) => `Bearer ${text}`),
  ),
  'x-api-key': headerTexts,
  'x-device-token': headerTexts,
}

const oneHeader = fc.oneof(
  ...Object.entries(HEADERS).map(([name, values]) => values.map((value): [string, string] => [name, value])),
)
const headerLists = mostly(fc.constant<[string, string][]>([]), fc.array(oneHeader, { minLength: 1, maxLength: 3 }), 3)

function bodies(operation: Operation, read: SchemaReader): fc.Arbitrary<Body> {
  const { body } = operation
  if (!body) return mostly<Body>(fc.constant({ kind: 'none' }), strayBodies, 20)
  if (body.type.startsWith('multipart/')) return multipartForms.map((form) => ({ kind: 'form', form }))
  const good = read(body.schema)
  const type = mostly<string | null>(
    fc.constant(body.type),
    fc.constantFrom(null, 'text/plain', 'application/json; charset=utf-16', 'application/merge-patch+json', 'json'),
    20,
  )
  const text = fc.oneof(
    { weight: 6, arbitrary: good.map(asJson) },
    { weight: 8, arbitrary: spoiled(good).map(asJson) },
    { weight: 1, arbitrary: hostileValues.map(asJson) },
    { weight: 2, arbitrary: fc.tuple(good.map(asJson), fc.nat(1_000), hostileTexts).map(tear) },
  )
  return fc.oneof(
    {
      weight: 20,
      arbitrary: fc.tuple(type, text).map(([kind, value]): Body => ({ kind: 'text', type: kind, text: value })),
    },
    { weight: 1, arbitrary: strayBodies },
    { weight: 1, arbitrary: fc.constant<Body>({ kind: 'none' }) },
  )
}

const strayBodies: fc.Arbitrary<Body> = fc
  .tuple(fc.constantFrom('application/json', 'application/octet-stream', null), fc.uint8Array({ maxLength: 60 }))
  .map(([type, bytes]) => ({ kind: 'bytes', type, hex: Buffer.from(bytes).toString('hex') }))

const asJson = (value: unknown): string => JSON.stringify(value) ?? ''

/** Cuts a text somewhere and puts something in. */
const tear = ([text, at, between]: [string, number, string]): string => {
  const place = text.length === 0 ? 0 : at % text.length
  return at % 2 === 0 ? text.slice(0, place) : `${text.slice(0, place)}${between}${text.slice(place)}`
}
