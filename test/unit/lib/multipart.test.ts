// The multipart reader against bodies as browsers, curl, phones and python write them, and against hostile ones.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundaryOf, MultipartError, type MultipartLimits, readMultipart } from '../../../src/lib/multipart.ts'
import { readAtMost } from '../../../src/lib/stream.ts'

const LIMITS: MultipartLimits = { maxParts: 50, maxHeaderBytes: 4096, maxFieldBytes: 65_536 }
const TYPE = 'multipart/form-data; boundary=AaB03x'

const lines = (...all: string[]) => all.join('\r\n')

/** The two kinds of streams: one that fills the memory of its reader, and one that hands out its own. */
const KINDS = ['bytes', undefined] as const

const sourcesOf = (kind?: (typeof KINDS)[number]) => {
  /** A source that hands out `chunks` one per pull and counts how many were asked for. */
  const source = (chunks: Iterable<Uint8Array>) => {
    const seen = { pulled: 0, cancelled: false }
    const iterator = chunks[Symbol.iterator]()
    const stream = new ReadableStream(
      {
        type: kind,
        pull(controller: ReadableByteStreamController) {
          let { done, value } = iterator.next()
          // A byte stream takes no empty chunks.
          while (kind === 'bytes' && !done && value.length === 0) ({ done, value } = iterator.next())
          if (done) {
            controller.close()
            return controller.byobRequest?.respond(0)
          }
          seen.pulled++
          controller.enqueue(new Uint8Array(value))
        },
        cancel() {
          seen.cancelled = true
        },
      } as UnderlyingByteSource,
      { highWaterMark: 0 },
    )
    return { stream: stream as ReadableStream<Uint8Array>, seen }
  }

  const streamOf = (body: string | Uint8Array, chunkBytes = Number.POSITIVE_INFINITY) => {
    const bytes = Buffer.from(body as string)
    const chunks: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
    return source(chunks).stream
  }

  return { source, streamOf }
}

const { streamOf } = sourcesOf()

const bytesOf = async (body: ReadableStream<Uint8Array>) => {
  const read = await readAtMost(body, 1e9)
  return read.ok ? Buffer.from(read.bytes) : expect.fail('larger than a gigabyte')
}

const readAll = async (body: ReadableStream<Uint8Array>, type = TYPE, limits = LIMITS) => {
  const parts: { name: string; filename?: string; contentType?: string; content: string }[] = []
  for await (const { name, filename, contentType, body: content } of readMultipart(body, type, limits)) {
    parts.push({ name, filename, contentType, content: (await bytesOf(content)).toString('latin1') })
  }
  return parts
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error) => (error instanceof MultipartError ? error.code : `not a MultipartError: ${error}`),
  )

const nameOf = async (disposition: string) => {
  const [part] = await readAll(
    streamOf(lines('--AaB03x', `Content-Disposition: ${disposition}`, '', 'x', '--AaB03x--')),
  )
  return part
}

const form = lines(
  '--AaB03x',
  'Content-Disposition: form-data; name="field1"',
  '',
  'Joe Blow',
  '--AaB03x',
  'content-disposition: form-data; name="pics"; filename="file1.txt"',
  'Content-Type: text/plain',
  '',
  '... contents of\r\n\r\nfile1.txt ...',
  '--AaB03x--',
  '',
)
const formParts = [
  { name: 'field1', filename: undefined, contentType: undefined, content: 'Joe Blow' },
  { name: 'pics', filename: 'file1.txt', contentType: 'text/plain', content: '... contents of\r\n\r\nfile1.txt ...' },
]

describe('bodies as clients send them', () => {
  test.each([1, 2, 3, 7, 64, 100_000])('the form of RFC 7578 reads the same in chunks of %i bytes', async (size) => {
    expect(await readAll(streamOf(form, size))).toEqual(formParts)
  })

  test('a browser: a WebKit boundary, an empty file input, raw UTF-8 and percent-escaped quotes', async () => {
    const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW'
    const body = lines(
      `--${boundary}`,
      'Content-Disposition: form-data; name="say %22hi%22%0D%0A100%"',
      '',
      'Zürich',
      `--${boundary}`,
      'Content-Disposition: form-data; name="photo"; filename="Foto Zürich 😀.jpg"',
      'Content-Type: image/jpeg',
      '',
      '\xff\xd8',
      `--${boundary}`,
      'Content-Disposition: form-data; name="none"; filename=""',
      'Content-Type: application/octet-stream',
      '',
      '',
      `--${boundary}--`,
      '',
    )
    expect(await readAll(streamOf(body), `multipart/form-data; boundary=${boundary}`)).toMatchObject([
      { name: 'say "hi"\r\n100%', content: Buffer.from('Zürich').toString('latin1') },
      { name: 'photo', filename: 'Foto Zürich 😀.jpg', contentType: 'image/jpeg' },
      { name: 'none', filename: '', content: '' },
    ])
  })

  test("the platform's own FormData encoder", async () => {
    const data = new FormData()
    data.append('a "b"', 'line\r\nbreak')
    data.append('f', new File(['bytes'], 'näme "1".txt', { type: 'text/plain' }))
    const response = new Response(data)
    expect(await readAll(response.body!, response.headers.get('content-type')!)).toEqual([
      { name: 'a "b"', filename: undefined, contentType: undefined, content: 'line\r\nbreak' },
      { name: 'f', filename: 'näme "1".txt', contentType: 'text/plain', content: 'bytes' },
    ])
  })

  test('curl --form-escape and Apache HttpClient escape with backslashes', async () => {
    expect(await nameOf('form-data; name="file"; filename="a \\"b\\" \\\\ c.txt"')).toMatchObject({
      filename: 'a "b" \\ c.txt',
    })
    expect(await nameOf('form-data; name="file"; filename="C:\\photos\\new.jpg"')).toMatchObject({
      filename: 'C:\\photos\\new.jpg',
    })
  })

  test('python-requests over urllib3 1.x sends filename*, which wins over filename', async () => {
    expect(await nameOf('form-data; name="f"; filename*=utf-8\'\'na%C3%AFve%20%22x%22.txt')).toMatchObject({
      filename: 'naïve "x".txt',
    })
    expect(await nameOf('form-data; name="f"; filename="n_.txt"; filename*=ISO-8859-1\'en\'n%E9.txt')).toMatchObject({
      filename: 'né.txt',
    })
    expect(await nameOf('form-data; name="f"; filename="n_.txt"; filename*=utf-8\'\'%zz')).toMatchObject({
      filename: 'n_.txt',
    })
  })

  test('phones: asterisk boundary, token names, folded headers, transfer encoding binary, 8-bit file names', async () => {
    const body = Buffer.concat([
      Buffer.from('preamble, ignored\r\n--***** \t\r\nContent-Disposition: FORM-DATA;\r\n name=xml_submission_file; '),
      Buffer.from('filename="d\xe9j\xe0.xml"\r\nContent-Transfer-Encoding: binary\r\n\r\n<data/>\r\n', 'latin1'),
      Buffer.from('--*****--  \r\nepilogue\r\n--*****\r\nignored too'),
    ])
    expect(await readAll(streamOf(body, 5), 'multipart/form-data;boundary="*****"; charset=utf-8')).toEqual([
      { name: 'xml_submission_file', filename: 'déjà.xml', contentType: undefined, content: '<data/>' },
    ])
  })

  test('empty parts, with and without the line break that opens their content, and a form without parts', async () => {
    const head = 'Content-Disposition: form-data; name="a"'
    const body = lines('--AaB03x', head, '', '', '--AaB03x', head, '', '--AaB03x', head, '', '\r\n', '--AaB03x--')
    expect((await readAll(streamOf(body, 1))).map((part) => part.content)).toEqual(['', '', '\r\n'])
    expect(await readAll(streamOf('--AaB03x--\r\n'))).toEqual([])
  })
})

describe('boundaryOf', () => {
  test.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; BOUNDARY="a b;c=\\"d"', 'a b;c="d'],
    ['multipart/form-data; boundary=----=_Part_1:2/3?x ; charset=utf-8', '----=_Part_1:2/3?x'],
    [`multipart/form-data; boundary=${'b'.repeat(70)}`, 'b'.repeat(70)],
  ])('%s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary)
  })

  test.each([
    '',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${'b'.repeat(71)}`,
    'multipart/form-data; boundary="ends in a space "',
    'multipart/form-data; boundary=ümlaut',
    'multipart/form-dataset; boundary=abc',
    'application/json; boundary=abc',
  ])('%s has none', async (type) => {
    expect(await codeOf(readAll(streamOf(form), type))).toBe('missing_boundary')
  })
})

describe.each(KINDS)('properties, reading a stream of kind %s', (kind) => {
  const { source, streamOf } = sourcesOf(kind)
  const boundary = 'xY'
  const type = `multipart/form-data; boundary=${boundary}`
  // Pieces of delimiters, so that almost-matches and matches across chunks are the rule.
  const piece = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    '-',
    '--',
    '--x',
    '\r\n--',
    '\r\n--x',
    '\n--xY',
    'xY',
    '--',
    'a',
    '\0',
  )
  const content = fc
    .oneof(
      fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    )
    .filter((bytes) => !`\r\n${bytes.toString('latin1')}`.includes(`\r\n--${boundary}`))
  // What the HTML Standard cannot carry: it escapes neither % nor \, so %22 and \" in a name are ambiguous.
  const fieldName = fc
    .string({ unit: 'binary', maxLength: 30 })
    .map((text) => text.toWellFormed().replace(/[\\%\0]/g, '_'))
  const parts = fc.array(fc.record({ name: fieldName, filename: fc.option(fieldName, { nil: undefined }), content }), {
    maxLength: 6,
  })
  const escaped = (text: string) => text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
  const encode = (all: { name: string; filename?: string; content: Buffer }[]) =>
    Buffer.concat([
      ...all.flatMap((part) => [
        Buffer.from(
          `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(part.name)}"${
            part.filename === undefined ? '' : `; filename="${escaped(part.filename)}"`
          }\r\n\r\n`,
        ),
        part.content,
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`--${boundary}--\r\n`),
    ])

  test('any parts in any chunking read back the same', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(parts, fc.oneof(fc.constant([1]), sizes), async (all, chunkSizes) => {
        const body = encode(all)
        const chunks: Uint8Array[] = []
        for (let at = 0, i = 0; at < body.length; i++) {
          const size = chunkSizes[i % chunkSizes.length]! || Number(i % 2 === 0)
          chunks.push(body.subarray(at, at + size))
          at += size
        }
        const read = await readAll(source(chunks).stream, type)
        expect(read.map(({ name, filename }) => ({ name, filename }))).toEqual(
          all.map(({ name, filename }) => ({ name, filename })),
        )
        expect(read.map((part) => part.content)).toEqual(all.map((part) => part.content.toString('latin1')))
      }),
    )
  })

  test('a delimiter, or what looks like one, may lie anywhere about the end of the buffer', async () => {
    for (let length = 65_400; length < 65_560; length++) {
      const all = [{ name: 'a', content: Buffer.concat([Buffer.alloc(length, 'a'), Buffer.from('\r\n--x\r\n')]) }]
      const [part] = await readAll(streamOf(encode(all)), type)
      expect(part!.content === all[0]!.content.toString('latin1'), `${length} bytes`).toBe(true)
    }
  })

  test('parts that are not read, or only begun, do not disturb the ones after them', async () => {
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 1, max: 30 }), fc.nat(2), async (all, size, offset) => {
        let index = 0
        for await (const part of readMultipart(streamOf(encode(all), size), type, LIMITS)) {
          const treatment = (index + offset) % 3
          if (treatment === 0) expect(await bytesOf(part.body)).toEqual(all[index]!.content)
          if (treatment === 1) await part.body.getReader().read()
          index++
        }
        expect(index).toBe(all.length)
      }),
    )
  })

  test('arbitrary bytes end in parts or in a typed error', async () => {
    const noise = fc.array(
      fc.oneof(
        piece,
        fc.constantFrom('\r\n--xY\r\n', 'Content-Disposition: form-data; name="a', '"', '\r\n\r\n', ';', ':'),
      ),
      { maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(noise, fc.integer({ min: 1, max: 9 }), async (pieces, size) => {
        const code = await codeOf(readAll(streamOf(`--xY\r\n${pieces.join('')}`, size), type))
        expect(['no error', 'malformed', 'truncated', 'header_too_large']).toContain(code)
      }),
    )
  })
})

describe.each(KINDS)('faults, reading a stream of kind %s', (kind) => {
  const { source, streamOf } = sourcesOf(kind)
  test('a body cut at any byte before its end is truncated, for the part and for the iteration', async () => {
    const end = form.lastIndexOf('--')
    for (let length = 0; length < end + 2; length++) {
      expect(await codeOf(readAll(streamOf(form.slice(0, length), 11))), `cut at ${length}`).toBe('truncated')
    }
  })

  test('a truncated part that nobody reads fails the iteration, and reading its body fails as well', async () => {
    const cut = form.slice(0, form.indexOf('contents of'))
    const skipAll = async () => {
      for await (const part of readMultipart(streamOf(cut), TYPE, LIMITS)) expect(part.name).toBeTruthy()
    }
    expect(await codeOf(skipAll())).toBe('truncated')

    const iterator = readMultipart(streamOf(cut), TYPE, LIMITS)
    await iterator.next()
    const { value } = await iterator.next()
    expect(await codeOf(bytesOf(value!.body))).toBe('truncated')
    expect(await codeOf(iterator.next())).toBe('truncated')
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test("the source's own error is passed on as it is", async () => {
    const broken = new ReadableStream({
      type: kind,
      pull: (controller: ReadableByteStreamController) => controller.error(new TypeError('connection lost')),
    } as UnderlyingByteSource)
    await expect(readAll(broken as ReadableStream<Uint8Array>)).rejects.toThrow(new TypeError('connection lost'))
  })

  test.each([
    ['line ends of LF only', form.replaceAll('\r\n', '\n')],
    ['text after a boundary', form.replace('--AaB03x\r\n', '--AaB03xyz\r\n')],
    ['no headers', lines('--AaB03x', '', 'text', '--AaB03x--')],
    ['no Content-Disposition', lines('--AaB03x', 'Content-Type: text/plain', '', 'text', '--AaB03x--')],
    ['another disposition', form.replace('form-data;', 'attachment;')],
    ['no name', form.replace('; name="field1"', '')],
    ['a header line without a name', form.replace('Content-Disposition', ': x\r\nContent-Disposition')],
    ['a bare line feed in a header', form.replace('"field1"', '"fie\nld1"')],
    ['base64 content', form.replace('Content-Type: text/plain', 'Content-Transfer-Encoding: base64')],
  ])('%s: malformed', async (_, body) => {
    expect(await codeOf(readAll(streamOf(body, 9)))).toBe('malformed')
  })

  test('10,000 parts are too many, and the rest is not read', async () => {
    const part = Buffer.from('--AaB03x\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n')
    const { stream, seen } = source(Array.from({ length: 10_000 }, () => part))
    expect(await codeOf(readAll(stream))).toBe('too_many_parts')
    expect(seen).toEqual({ pulled: LIMITS.maxParts + 1, cancelled: true })
    expect(await readAll(streamOf(`${part.toString().repeat(50)}--AaB03x--`))).toHaveLength(50)
  })

  test.each([1000, 1])('a header that never ends is too large (chunks of %i bytes)', async (size) => {
    const body = `--AaB03x\r\nContent-Disposition: form-data; name="${'a'.repeat(5000)}`
    expect(await codeOf(readAll(streamOf(body, size)))).toBe('header_too_large')
    expect(await codeOf(readAll(streamOf(`${body}"\r\n\r\n\r\n--AaB03x--`, size)))).toBe('header_too_large')
  })

  test('hostile names come through as text, in linear time', async () => {
    expect(await nameOf('form-data; name="__proto__"; filename="../../etc/passwd"')).toMatchObject({
      name: '__proto__',
      filename: '../../etc/passwd',
    })
    expect(await nameOf('form-data; name="a; filename=evil"')).toMatchObject({
      name: 'a; filename=evil',
      filename: undefined,
    })
    expect(await nameOf('form-data; name="a"; name="b"')).toMatchObject({ name: 'a' })
    const limits = { ...LIMITS, maxHeaderBytes: 1e6 }
    for (const filler of ['; ', '\\"', ' ;a', 'a'.repeat(9), '="', '\t']) {
      const header = `Content-Disposition: form-data; name="n"; ${filler.repeat(50_000)}`
      const startMs = performance.now()
      await readAll(streamOf(lines('--AaB03x', header, '', '', '--AaB03x--')), TYPE, limits)
      expect(performance.now() - startMs, JSON.stringify(filler)).toBeLessThan(1000)
    }
  })
})

describe('text', () => {
  const field = (contentType: string, content: Uint8Array) =>
    streamOf(
      Buffer.concat([
        Buffer.from(`--AaB03x\r\nContent-Disposition: form-data; name="a"${contentType}\r\n\r\n`),
        content,
        Buffer.from('\r\n--AaB03x\r\nContent-Disposition: form-data; name="b"\r\n\r\nnext\r\n--AaB03x--'),
      ]),
    )
  const textOf = async (body: ReadableStream<Uint8Array>, maxBytes?: number) => {
    for await (const part of readMultipart(body, TYPE, LIMITS)) return await part.text(maxBytes)
    return expect.fail('no part')
  }

  test('is UTF-8, a byte order mark included, unless the part names another charset', async () => {
    expect(await textOf(field('', Buffer.from('\ufeffZürich')))).toBe('\ufeffZürich')
    expect(await textOf(field('\r\nContent-Type: text/plain; charset="ISO-8859-1"', Buffer.from([0xe9])))).toBe('é')
  })

  test('is malformed when the bytes or the charset cannot be read', async () => {
    expect(await codeOf(textOf(field('', Buffer.from([0xe9]))))).toBe('malformed')
    expect(await codeOf(textOf(field('\r\nContent-Type: text/plain; charset=klingon', Buffer.from('x'))))).toBe(
      'malformed',
    )
  })

  test('stops at its limit, and the next part can still be read', async () => {
    expect(await textOf(field('', Buffer.alloc(65_536, 'a')))).toHaveLength(65_536)
    expect(await codeOf(textOf(field('', Buffer.from('four')), 3))).toBe('field_too_large')

    const iterator = readMultipart(field('', Buffer.alloc(65_537, 'a')), TYPE, LIMITS)
    const first = await iterator.next()
    expect(await codeOf(first.value!.text())).toBe('field_too_large')
    const second = await iterator.next()
    expect(await second.value!.text()).toBe('next')
  })
})

describe.each(KINDS)('the flow, reading a stream of kind %s', (kind) => {
  const { source, streamOf } = sourcesOf(kind)
  const chunk = Buffer.alloc(65_536, 'a')
  const head = Buffer.from('--AaB03x\r\nContent-Disposition: form-data; name="f"; filename="big"\r\n\r\n')
  const tail = Buffer.from('\r\n--AaB03x--\r\n')
  const bigForm = (chunks: number) => source([head, ...Array.from({ length: chunks }, () => chunk), tail])

  test('nothing is read ahead of the reader', async () => {
    const { stream, seen } = bigForm(100)
    const iterator = readMultipart(stream, TYPE, LIMITS)
    expect(seen.pulled).toBe(0)
    const { value: part } = await iterator.next()
    expect(seen.pulled).toBe(1)
    const reader = part!.body.getReader()
    for (let reads = 1, length = 0; reads <= 20; reads++) {
      length += (await reader.read()).value!.length
      expect(seen.pulled).toBe(1 + Math.ceil(length / chunk.length))
    }
  })

  test('a reader that brings its own memory gets the content into it, as much as there is room', async () => {
    const { value: part } = await readMultipart(streamOf(form, 100), TYPE, LIMITS).next()
    const reader = part!.body.getReader({ mode: 'byob' })
    let buffer = new Uint8Array(20)
    let length = 0
    for (const room of [3, 1, 2, 14]) {
      const { value } = await reader.read(buffer.subarray(length, length + room))
      expect(value!.length).toBe(Math.min(room, 'Joe Blow'.length - length))
      buffer = new Uint8Array(value!.buffer)
      length += value!.length
    }
    expect(Buffer.from(buffer.subarray(0, length)).toString()).toBe('Joe Blow')
    expect(await reader.read(buffer)).toMatchObject({ done: true, value: { length: 0 } })
  })

  test('leaving the loop cancels the source, and a body kept from it fails instead of hanging', async () => {
    const { stream, seen } = bigForm(100)
    let kept: ReadableStream<Uint8Array> | undefined
    for await (const part of readMultipart(stream, TYPE, LIMITS)) {
      kept = part.body
      break
    }
    expect(seen).toEqual({ pulled: 1, cancelled: true })
    await expect(bytesOf(kept!)).rejects.toThrow('no longer readable')
  })

  test('a body left half-way fails once the next part was asked for, also while it is being read', async () => {
    const { stream } = bigForm(3)
    const iterator = readMultipart(stream, TYPE, LIMITS)
    const { value: part } = await iterator.next()
    const reader = part!.body.getReader()
    await reader.read()
    const reading = reader.read().catch((error: Error) => error.message)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(await reading).toMatch('no longer readable')
    await expect(reader.read()).rejects.toThrow('no longer readable')
  })

  test('a cancelled part is skipped', async () => {
    const { stream, seen } = bigForm(5)
    for await (const part of readMultipart(stream, TYPE, LIMITS)) await part.body.cancel()
    expect(seen).toEqual({ pulled: 7, cancelled: false })
  })

  test('chunks may be transferred away without harming what follows', async () => {
    const contents: string[] = []
    for await (const part of readMultipart(streamOf(form), TYPE, LIMITS)) {
      for await (const bytes of part.body) {
        contents.push(Buffer.from(bytes).toString())
        structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
      }
    }
    expect(contents).toEqual(formParts.map((part) => part.content))
  })
})
