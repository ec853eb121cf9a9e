// Multipart forms as phones, scripts and attackers send them, described so that they shrink, and written out as bytes.
import fc from 'fast-check'
import { writeWorkbook } from '../src/lib/workbook.ts'
import { hostileTexts, reference } from './values.ts'

export interface FormPart {
  /** Header lines as they are written. */
  headers: string[]
  content: string
  /** Bytes of a workbook to be replaced, by place; the content is the workbook, then. */
  workbook?: [at: number, byte: number][]
}

export interface Form {
  contentType: string
  boundary: string
  lineEnd: string
  preamble: string
  parts: FormPart[]
  /** The parts are written this often. */
  times: number
  end: 'closed' | 'open' | 'half'
  /** Share of the bytes that are sent. */
  sent: number
}

const BOUNDARY = 'fieldpost-fuzz'

const disposition = (name: string, filename?: string): string =>
  `content-disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`

const field = (name: string, content: string): FormPart => ({ headers: [disposition(name)], content })

const filenames = fc.oneof(fc.constant('photo.jpg'), hostileTexts)
const contents = fc.oneof(
  fc.constant('some bytes'),
  hostileTexts,
  fc.constantFrom(`\r\n--${BOUNDARY}`, `--${BOUNDARY}--`, '\r\n\r\n', '\xff\xd8\xff', 'y'.repeat(200_000)),
)

const files: fc.Arbitrary<FormPart> = fc.tuple(filenames, contents).map(([filename, content]) => ({
  headers: [disposition('file', filename), 'content-type: image/jpeg'],
  content,
}))

const oddParts: fc.Arbitrary<FormPart> = fc.record({
  headers: fc.array(
    fc.oneof(
      fc
        .tuple(fc.constantFrom('file', 'field_id', 'submission_id', 'submission_local_uuid'), filenames)
        .map(([name, filename]) => disposition(name, filename)),
      hostileTexts.map((name) => disposition(name)),
      hostileTexts.map((value) => `content-type: ${value}`),
      fc.constantFrom(
        'content-disposition: form-data',
        'content-disposition: attachment; name="file"',
        "content-disposition: form-data; name=file; filename*=UTF-8''%ff%00",
        'content-disposition: form-data; name="file"; filename="a"; filename="b"',
        'content-transfer-encoding: base64',
        `x-long: ${'x'.repeat(20_000)}`,
        'no colon here',
        ': no name',
      ),
    ),
    { maxLength: 3 },
  ),
  content: contents,
})

const fileParts: fc.Arbitrary<FormPart[]> = fc.tuple(
  fc.constantFrom(field('submission_local_uuid', reference('local')), field('submission_id', reference('submissions'))),
  fc.constantFrom(field('field_id', 'picture'), field('field_name', 'members[0].m_name')),
  files,
)

const WORKBOOK = await writeWorkbook([
  {
    name: 'survey',
    rows: [
      ['type', 'name', 'label', 'relevant'],
      ['integer', 'age', 'Age', null],
      ['select_one l', 'drives', 'Drives', `\${age} > 17`],
    ],
  },
  {
    name: 'choices',
    rows: [
      ['list_name', 'name', 'label'],
      ['l', 'yes', 'Yes'],
    ],
  },
])
const damages = fc.oneof(
  { weight: 2, arbitrary: fc.constant<[number, number][]>([]) },
  { weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(WORKBOOK.length - 1), fc.nat(255)), { maxLength: 6 }) },
)
const workbookParts: fc.Arbitrary<FormPart[]> = fc.tuple(
  fc.constantFrom(field('project_id', reference('projects')), field('form_id', reference('forms'))),
  damages.map((workbook) => ({ headers: [disposition('file', 'form.xlsx')], content: '', workbook })),
)

const goodParts = fc.oneof(fileParts, workbookParts)

const contentTypes = fc.oneof(
  { weight: 6, arbitrary: fc.constant(`multipart/form-data; boundary=${BOUNDARY}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `multipart/form-data; boundary="${BOUNDARY}"`,
      `multipart/form-data; charset=utf-8; boundary=${BOUNDARY}`,
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary="',
      `multipart/form-data; boundary=${'b'.repeat(200)}`,
      `multipart/mixed; boundary=${BOUNDARY}`,
      'application/x-www-form-urlencoded',
    ),
  },
)

export const multipartForms: fc.Arbitrary<Form> = fc.record({
  contentType: contentTypes,
  boundary: fc.oneof(
    { weight: 8, arbitrary: fc.constant(BOUNDARY) },
    { weight: 1, arbitrary: fc.constantFrom(`${BOUNDARY}x`, BOUNDARY.slice(1), ' ', '') },
  ),
  lineEnd: fc.oneof(
    { weight: 8, arbitrary: fc.constant('\r\n') },
    { weight: 1, arbitrary: fc.constantFrom('\n', '\r') },
  ),
  preamble: fc.oneof({ weight: 8, arbitrary: fc.constant('') }, { weight: 1, arbitrary: hostileTexts }),
  parts: fc.oneof(
    { weight: 3, arbitrary: goodParts },
    { weight: 2, arbitrary: fc.array(oddParts, { maxLength: 4 }) },
    {
      weight: 2,
      arbitrary: fc.tuple(goodParts, oddParts).map(([good, odd]) => [odd, ...good]),
    },
    { weight: 1, arbitrary: goodParts.map((parts) => parts.toReversed()) },
  ),
  times: fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(2, 10_000) }),
  end: fc.oneof(
    { weight: 8, arbitrary: fc.constant('closed') },
    { weight: 1, arbitrary: fc.constantFrom('open', 'half') },
  ),
  sent: fc.oneof(
    { weight: 6, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
})

const MAX_BYTES = 2_000_000

/** `fill` puts ids where references are. */
export function writeForm(form: Form, fill: (text: string) => string): Uint8Array {
  const { lineEnd, boundary } = form
  const once = Buffer.concat(
    form.parts.flatMap(({ headers, content, workbook }) => [
      Buffer.from([`--${boundary}`, ...headers, ''].map((line) => `${line}${lineEnd}`).join('')),
      workbook === undefined ? Buffer.from(fill(content)) : damaged(workbook),
      Buffer.from(lineEnd),
    ]),
  )
  // Ten thousand parts of 200 kB would say nothing about parts.
  const times = Math.max(1, Math.min(form.times, Math.floor(MAX_BYTES / Math.max(1, once.length))))
  const close = form.end === 'closed' ? `--${boundary}--${lineEnd}` : form.end === 'half' ? `--${boundary}-` : ''
  const copies = Array.from({ length: times }, () => once)
  const bytes = Buffer.concat([Buffer.from(form.preamble), ...copies, Buffer.from(close)])
  return bytes.subarray(0, Math.ceil(bytes.length * form.sent))
}

function damaged(bytes: [number, number][]): Buffer {
  const copy = Buffer.from(WORKBOOK)
  for (const [at, byte] of bytes) copy[at] = byte
  return copy
}
