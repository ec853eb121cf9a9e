// Archives from strangers: unpacked within bounds, or refused with a reason, whatever the bytes are.
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { storeZip, type UnzipOptions, unzip, ZipError } from '../../../src/lib/zip-file.ts'

const LIMITS: UnzipOptions = { maxBytes: 1_000_000, isWanted: () => true }
const files = (...entries: [string, string][]) => new Map(entries.map(([name, text]) => [name, Buffer.from(text)]))
const texts = async (archive: Uint8Array, limits = LIMITS) =>
  [...(await unzip(archive, limits))].map(([name, content]) => [name, Buffer.from(content).toString()])

async function codeOf(archive: Uint8Array, limits = LIMITS): Promise<string> {
  try {
    await unzip(archive, limits)
    return 'fine'
  } catch (error) {
    if (error instanceof ZipError) return error.code
    throw error
  }
}

/** An archive with one packed entry whose sizes are written as given. */
function packed(content: Buffer, { declared = content.length, method = 8, flags = 0, zip64 = false } = {}): Buffer {
  const data = method === 8 ? deflateRawSync(content) : content
  const stored = Buffer.from(storeZip(new Map([['a', content]])))
  const directoryAt = 30 + 1 + content.length
  const local = stored.subarray(0, 31)
  const entry = Buffer.from(stored.subarray(directoryAt, directoryAt + 47))
  entry.writeUInt16LE(flags, 8)
  entry.writeUInt16LE(method, 10)
  entry.writeUInt32LE(zip64 ? 0xffffffff : data.length, 20)
  entry.writeUInt32LE(zip64 ? 0xffffffff : declared, 24)
  const extra = Buffer.alloc(zip64 ? 24 : 0)
  if (zip64) {
    // Another field comes first, as some writers put it.
    extra.writeUInt16LE(0x9999, 0)
    extra.writeUInt16LE(0, 2)
    extra.writeUInt16LE(1, 4)
    extra.writeUInt16LE(16, 6)
    extra.writeBigUInt64LE(BigInt(declared), 8)
    extra.writeBigUInt64LE(BigInt(data.length), 16)
    entry.writeUInt16LE(extra.length, 30)
  }
  const end = Buffer.from(stored.subarray(directoryAt + 47))
  end.writeUInt32LE(entry.length + extra.length, 12)
  end.writeUInt32LE(local.length + data.length, 16)
  return Buffer.concat([local, data, entry, extra, end])
}

test('what was put in comes out, stored and packed', async () => {
  expect(await texts(storeZip(files(['a', 'one'], ['dir/é.txt', 'two'], ['empty', ''])))).toEqual([
    ['a', 'one'],
    ['dir/é.txt', 'two'],
    ['empty', ''],
  ])
  expect(await texts(packed(Buffer.from('one '.repeat(100))))).toEqual([['a', 'one '.repeat(100)]])
  expect(await texts(packed(Buffer.from('one'), { zip64: true }))).toEqual([['a', 'one']])
  expect(await texts(storeZip(new Map()))).toEqual([])
})

test('what is not wanted is not unpacked', async () => {
  const archive = storeZip(files(['a', 'one'], ['b', 'two']))
  expect(await texts(archive, { ...LIMITS, isWanted: (name) => name === 'b' })).toEqual([['b', 'two']])
})

describe('an archive that unpacks to too much', () => {
  const zeros = Buffer.alloc(2_000_000)

  test('is refused by the sizes that it declares, wanted or not', async () => {
    expect(await codeOf(packed(zeros))).toBe('too_large')
    expect(await codeOf(packed(zeros), { ...LIMITS, isWanted: () => false })).toBe('too_large')
    expect(await codeOf(storeZip(files(['a', 'x'.repeat(600_000)], ['b', 'x'.repeat(600_000)])))).toBe('too_large')
  })

  test('is unpacked no further than it declares, and then refused', async () => {
    for (const declared of [0, 1, 10, 1_000_000]) expect(await codeOf(packed(zeros, { declared }))).toBe('malformed')
  })

  test('or to less than it declares is not believed', async () => {
    expect(await codeOf(packed(Buffer.from('one'), { declared: 4 }))).toBe('malformed')
  })
})

test('what is broken, encrypted or packed in an uncommon way is refused', async () => {
  const archive = Buffer.from(storeZip(files(['a', 'one'], ['b', 'two'])))
  expect(await codeOf(Buffer.from('PK\x03\x04 but no archive'))).toBe('not_a_zip')
  expect(await codeOf(new Uint8Array(0))).toBe('not_a_zip')
  expect(await codeOf(archive.subarray(0, -30))).toBe('not_a_zip')
  const changed = (at: number) => {
    const copy = Buffer.from(archive)
    copy[at]! ^= 0xff
    return codeOf(copy)
  }
  expect(await changed(31)).toBe('malformed')
  expect(await changed(archive.length - 22 - 47)).toBe('malformed')
  expect(await codeOf(packed(Buffer.from('one'), { flags: 1 }))).toBe('malformed')
  expect(await codeOf(packed(Buffer.from('one'), { method: 12 }))).toBe('malformed')
})

test('no bytes make it fail otherwise, and what comes out keeps to the bound', async () => {
  const archive = Buffer.concat([storeZip(files(['a', 'one'], ['b', 'two'])), Buffer.alloc(0)])
  const changes = fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(200), async (bytes, maxBytes) => {
      const copy = Buffer.from(archive)
      for (const [at, byte] of bytes) copy[at] = byte
      let size = 0
      try {
        for (const content of (await unzip(copy, { maxBytes, isWanted: () => true })).values()) size += content.length
      } catch (error) {
        expect(error).toBeInstanceOf(ZipError)
      }
      expect(size).toBeLessThanOrEqual(maxBytes)
    }),
    { numRuns: 3_000 },
  )
})
