// The ZIP writer, read back by programs that are not ours; its pace, its limits, and what happens when a source fails.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { unzip } from '../../../src/lib/zip-file.ts'
import { MAX_ZIP_ENTRIES, type ZipEntry, ZipLimitError, zipStream } from '../../../src/lib/zip-writer.ts'
import { hasPython, hasUnzip, readWithPython, testWithUnzip } from '../../support/archive-readers.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldpost-zip-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const AT_MS = Date.UTC(2026, 2, 17, 9, 30, 8)

async function* inOrder<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

const entry = (name: string, content: string | Uint8Array | Uint8Array[], more: Partial<ZipEntry> = {}): ZipEntry => ({
  name,
  modifiedAtMs: AT_MS,
  content: inOrder((Array.isArray(content) ? content : [content]).map((part) => Buffer.from(part as string))),
  ...more,
})

const archiveOf = async (entries: Iterable<ZipEntry>): Promise<Buffer> =>
  Buffer.from(await new Response(zipStream(inOrder(entries)) as BodyInit).arrayBuffer())

let files = 0
async function onDisk(entries: Iterable<ZipEntry>): Promise<string> {
  const path = join(folder, `${++files}.zip`)
  writeFileSync(path, await archiveOf(entries))
  return path
}

const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex')

test('any entries, deflated or stored, in any pieces, come back as they were', async () => {
  const content = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 })
  const any = fc.record({ name: fc.string({ unit: 'binary' }), content, stored: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(any, { maxLength: 20 }), async (wanted) => {
      const archive = await archiveOf(wanted.map(({ name, content, stored }) => entry(name, content, { stored })))
      const read = await unzip(archive, { maxBytes: 1_000_000, isWanted: () => true })
      expect([...read.values()].map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
        wanted.map(({ content }) => Buffer.concat(content).toString('hex')),
      )
    }),
  )
})

const names = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 300, seed: 20261123 })
const photo = randomBytes(3_000_000)
const table = 'id,name\r\n'.repeat(200_000)
const mixed = (): ZipEntry[] => [
  entry('überblick/調査.csv', table),
  entry('media/1/photo/photo.jpg', [photo.subarray(0, 100_000), photo.subarray(100_000)], { stored: true }),
  entry('media/1/photo/photo.jpg', 'another', { stored: true }),
  entry('empty', ''),
  entry('empty and stored', [], { stored: true }),
  ...names.map((name) => entry(name, `content of ${JSON.stringify(name)}`)),
]

test.skipIf(!hasPython)("Python's zipfile reads names, contents, dates and methods", async () => {
  const read = readWithPython(await onDisk(mixed()))
  expect(read.slice(0, 5)).toEqual(
    [
      { name: 'überblick/調査.csv', sha256: sha256(table), bytes: table.length, stored: false },
      { name: 'media/1/photo/photo.jpg', sha256: sha256(photo), bytes: photo.length, stored: true },
      { name: 'media/1/photo/photo (2).jpg', sha256: sha256('another'), bytes: 7, stored: true },
      { name: 'empty', sha256: sha256(''), bytes: 0, stored: false },
      { name: 'empty and stored', sha256: sha256(''), bytes: 0, stored: true },
    ].map((expected) => ({ ...expected, modifiedAt: '2026-03-17T09:30:08' })),
  )
  expect(read.slice(5).map((each) => each.sha256)).toEqual(
    names.map((name) => sha256(`content of ${JSON.stringify(name)}`)),
  )
  expect(new Set(read.map(({ name }) => name)).size).toBe(names.length + 5)
})

test.skipIf(!hasUnzip)('unzip -t finds nothing wrong', async () => {
  const path = await onDisk(mixed())
  expect(testWithUnzip(path)).toEqual({
    status: 0,
    output: `No errors detected in compressed data of ${path}.\n`,
  })
})

test.skipIf(!hasPython)('an archive of nothing is an archive', async () => {
  expect(readWithPython(await onDisk([]))).toEqual([])
})

test.skipIf(!hasPython)('dates that the format does not know become the nearest that it does', async () => {
  const years = [-62_135_596_800_000, 0, Date.UTC(1980, 0, 1), Date.UTC(2099, 11, 30, 23, 59, 59), 8.64e15]
  const read = readWithPython(await onDisk(years.map((modifiedAtMs) => entry('x', '', { modifiedAtMs }))))
  expect(read.map(({ modifiedAt }) => modifiedAt)).toEqual([
    '1980-01-01T00:00:00',
    '1980-01-01T00:00:00',
    '1980-01-01T00:00:00',
    '2099-12-30T23:59:58',
    '2099-12-31T00:00:00',
  ])
})

describe('the stream', () => {
  test('is read at the pace of its reader', async () => {
    let produced = 0
    async function* endless() {
      for (;;) {
        produced++
        yield randomBytes(64 * 1024)
      }
    }
    const reader = zipStream(inOrder([entry('endless', '', { content: endless() })])).getReader()
    for (let reads = 0; reads < 20; reads++) await reader.read()
    await new Promise((done) => setImmediate(done))
    // What node:zlib and its pipe hold is bounded; it is not a pace.
    expect(produced).toBeLessThan(40)
    await reader.cancel()
  })

  test('begins before its first content is there', async () => {
    async function* never(): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined)
    }
    const { value } = await zipStream(inOrder([entry('slow.csv', '', { content: never() })]))
      .getReader()
      .read()
    expect(Buffer.from(value!).toString('latin1')).toContain('slow.csv')
  })

  test.each([true, false])('ends its sources when its reader gives up (stored: %s)', async (stored) => {
    const ended: string[] = []
    async function* endless() {
      try {
        for (;;) yield randomBytes(64 * 1024)
      } finally {
        ended.push('content')
      }
    }
    async function* entries() {
      try {
        yield entry('endless', '', { stored, content: endless() })
      } finally {
        ended.push('entries')
      }
    }
    const reader = zipStream(entries()).getReader()
    for (let reads = 0; reads < 3; reads++) await reader.read()
    await reader.cancel()
    expect(ended.sort()).toEqual(['content', 'entries'])
  })

  test.each([true, false])('breaks with the error of a content (stored: %s)', async (stored) => {
    async function* failing() {
      yield Buffer.from('half')
      throw new Error('the database went away')
    }
    const archive = archiveOf([entry('a', 'whole'), entry('b', '', { stored, content: failing() })])
    await expect(archive).rejects.toThrow('the database went away')
  })

  test('breaks with the error of the list of entries', async () => {
    async function* failing(): AsyncGenerator<ZipEntry> {
      yield entry('a', 'whole')
      throw new Error('the storage went away')
    }
    await expect(new Response(zipStream(failing()) as BodyInit).arrayBuffer()).rejects.toThrow('the storage went away')
  })
})

describe('limits', () => {
  test('one entry too many breaks the stream', async () => {
    async function* tooMany() {
      for (let index = 0; index <= MAX_ZIP_ENTRIES; index++) yield entry(`${index}`, [], { stored: true })
    }
    const reading = new Response(zipStream(tooMany()) as BodyInit).arrayBuffer()
    await expect(reading).rejects.toThrow(new ZipLimitError('60000 entries'))
  })

  test('a byte too many breaks the stream', async () => {
    const block = new Uint8Array(50_000_000)
    const blocks = Array.from({ length: 71 }, () => block)
    const reader = zipStream(inOrder([entry('large', '', { stored: true, content: inOrder(blocks) })])).getReader()
    let bytes = 0
    const reading = async () => {
      for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length
    }
    await expect(reading()).rejects.toThrow(new ZipLimitError('3500000000 bytes'))
    expect(bytes).toBeLessThanOrEqual(3_500_000_000)
  })
})
