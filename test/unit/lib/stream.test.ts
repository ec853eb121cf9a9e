// Regrouping, hashing and bounded reading of byte streams, including that nothing reads further than it must.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drain, fixedSizeParts, hashingTap, readAtMost, streamOf, viewReader } from '../../../src/lib/stream.ts'

/** The two kinds of streams: one that fills the memory of its reader, and one that hands out its own. */
const KINDS = ['bytes', undefined] as const
type Kind = (typeof KINDS)[number]

/** A source that hands out `chunks` one per pull and records what happened to it. */
const source = (chunks: Uint8Array[], kind?: Kind) => {
  const seen = { pulled: 0, cancelled: false }
  const stream = new ReadableStream(
    {
      type: kind,
      pull(controller: ReadableByteStreamController) {
        // A byte stream takes no empty chunks.
        while (kind === 'bytes' && chunks[seen.pulled]?.length === 0) seen.pulled++
        const chunk = chunks[seen.pulled]
        if (chunk === undefined) {
          controller.close()
          return controller.byobRequest?.respond(0)
        }
        seen.pulled++
        controller.enqueue(new Uint8Array(chunk))
      },
      cancel() {
        seen.cancelled = true
      },
    } as UnderlyingByteSource,
    { highWaterMark: 0 },
  )
  return { stream: stream as ReadableStream<Uint8Array>, seen }
}

const broken = (kind?: Kind) =>
  new ReadableStream({
    type: kind,
    pull: (controller: ReadableByteStreamController) => controller.error(new Error('connection lost')),
  } as UnderlyingByteSource) as ReadableStream<Uint8Array>

const bytes = (length: number, first = 0) => Uint8Array.from({ length }, (_, i) => first + i)

const chunkList = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 })

const collect = async <T>(items: AsyncIterable<T>) => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe.each(KINDS)('fixedSizeParts, of a stream of kind %s', (kind) => {
  test('any chunks come out as equal parts, a shorter last one, and the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(chunkList, fc.integer({ min: 1, max: 60 }), async (chunks, partBytes) => {
        const whole = Buffer.concat(chunks)
        const parts = await collect(fixedSizeParts(source(chunks, kind).stream, partBytes))
        expect(Buffer.concat(parts)).toEqual(whole)
        expect(parts).toHaveLength(Math.ceil(whole.length / partBytes))
        expect(parts.slice(0, -1).every((part) => part.length === partBytes)).toBe(true)
      }),
    )
  })

  test('with reuse, parts hold the same bytes one after the other, and the memory of only one is alive', async () => {
    await fc.assert(
      fc.asyncProperty(chunkList, fc.integer({ min: 1, max: 60 }), async (chunks, partBytes) => {
        const copies: Buffer[] = []
        const buffers = new Set<ArrayBuffer>()
        for await (const part of fixedSizeParts(source(chunks, kind).stream, partBytes, { reuse: true })) {
          copies.push(Buffer.from(part))
          buffers.add(part.buffer)
        }
        expect(Buffer.concat(copies)).toEqual(Buffer.concat(chunks))
        expect([...buffers].filter((buffer) => buffer.byteLength > 0).length).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('parts larger than the first buffer grow into it, and one huge chunk is cut', async () => {
    const whole = Buffer.alloc(1_000_003, 'abcdefg')
    const chunks = Array.from({ length: 101 }, (_, i) => whole.subarray(i * 10_000, (i + 1) * 10_000))
    for (const given of [chunks, [whole]]) {
      const parts = await collect(fixedSizeParts(source(given, kind).stream, 300_000))
      expect(parts.map((part) => part.length)).toEqual([300_000, 300_000, 300_000, 100_003])
      expect(Buffer.concat(parts).equals(whole)).toBe(true)
    }
  })

  test('a part that was handed out is never written to again', async () => {
    const parts = await collect(fixedSizeParts(source([bytes(4), bytes(4, 4), bytes(4, 8)], kind).stream, 5))
    expect(parts.map((part) => [...part])).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
      [10, 11],
    ])
  })

  test('reads no further than the part that was asked for', async () => {
    const { stream, seen } = source(
      Array.from({ length: 10 }, () => bytes(4)),
      kind,
    )
    const parts = fixedSizeParts(stream, 8)
    await parts.next()
    expect(seen.pulled).toBe(2)
    await parts.next()
    expect(seen.pulled).toBe(4)
  })

  test('leaving early cancels the source; its own error is passed on', async () => {
    const { stream, seen } = source([bytes(4), bytes(4)], kind)
    for await (const part of fixedSizeParts(stream, 4)) {
      expect(part).toHaveLength(4)
      break
    }
    expect(seen).toEqual({ pulled: 1, cancelled: true })
    await expect(collect(fixedSizeParts(broken(kind), 4))).rejects.toThrow('connection lost')
  })

  test.each([0, -1, 1.5, Number.NaN])('%s is not a part size', async (partBytes) => {
    await expect(collect(fixedSizeParts(source([], kind).stream, partBytes))).rejects.toThrow(RangeError)
  })
})

describe('hashingTap', () => {
  test('passes every byte on and leaves the digests of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(chunkList, async (chunks) => {
        const sha256 = createHash('sha256')
        const md5 = createHash('md5')
        let size = 0
        const counter = { update: (chunk: Uint8Array) => (size += chunk.length) }
        const passed = await collect(source(chunks).stream.pipeThrough(hashingTap(sha256, md5, counter)))
        const whole = Buffer.concat(chunks)
        expect(Buffer.concat(passed)).toEqual(whole)
        expect(size).toBe(whole.length)
        expect(sha256.digest('hex')).toBe(createHash('sha256').update(whole).digest('hex'))
        expect(md5.digest('hex')).toBe(createHash('md5').update(whole).digest('hex'))
      }),
    )
  })
})

describe.each(KINDS)('readAtMost, of a stream of kind %s', (kind) => {
  test('a body up to the limit is read whole, a longer one is too large', async () => {
    await fc.assert(
      fc.asyncProperty(chunkList, fc.nat(500), async (chunks, maxBytes) => {
        const whole = Buffer.concat(chunks)
        expect(await readAtMost(source(chunks, kind).stream, maxBytes)).toEqual(
          whole.length <= maxBytes ? { ok: true, bytes: new Uint8Array(whole) } : { ok: false, code: 'too_large' },
        )
      }),
    )
  })

  test('what is too large is not read on but cancelled', async () => {
    const { stream, seen } = source(
      Array.from({ length: 10 }, () => bytes(4)),
      kind,
    )
    expect(await readAtMost(stream, 7)).toEqual({ ok: false, code: 'too_large' })
    expect(seen).toEqual({ pulled: 2, cancelled: true })
  })

  test("the source's own error is passed on", async () => {
    await expect(readAtMost(broken(kind), 10)).rejects.toThrow('connection lost')
  })
})

describe.each(KINDS)('viewReader, of a stream of kind %s', (kind) => {
  test('fills what it is lent, keeps what stands before it, and answers nothing at the end', async () => {
    await fc.assert(
      fc.asyncProperty(chunkList, fc.integer({ min: 1, max: 60 }), async (chunks, room) => {
        const whole = Buffer.concat(chunks)
        const reader = viewReader(source(chunks, kind).stream)
        let buffer = new Uint8Array(whole.length + room)
        let length = 0
        for (;;) {
          const read = await reader.read(buffer.subarray(length, length + room))
          expect(read.length).toBeLessThanOrEqual(room)
          buffer = new Uint8Array(read.buffer)
          if (read.length === 0) break
          expect(read.byteOffset).toBe(length)
          length += read.length
        }
        expect(Buffer.from(buffer.subarray(0, length))).toEqual(whole)
      }),
    )
  })

  test('cancelled while it reads, it answers nothing; the error of a source is passed on', async () => {
    const waiting = new ReadableStream({ type: kind } as UnderlyingByteSource) as ReadableStream<Uint8Array>
    const reader = viewReader(waiting)
    const reading = reader.read(new Uint8Array(4))
    await reader.cancel(new Error('enough'))
    expect(await reading).toHaveLength(0)
    await expect(viewReader(broken(kind)).read(new Uint8Array(4))).rejects.toThrow('connection lost')
  })
})

describe.each(KINDS)('drain, of a stream of kind %s', (kind) => {
  test('reads everything; the error of a source is passed on', async () => {
    const { stream, seen } = source([bytes(4), bytes(0), bytes(200_000)], kind)
    await drain(stream)
    expect(seen).toEqual({ pulled: 3, cancelled: false })
    await expect(drain(broken(kind))).rejects.toThrow('connection lost')
  })
})

describe('streamOf', () => {
  async function* counting(seen: string[], failAt = Number.POSITIVE_INFINITY) {
    try {
      for (let index = 0; ; index++) {
        if (index === failAt) throw new Error('source gone')
        seen.push(`${index}`)
        yield bytes(index + 1)
      }
    } finally {
      seen.push('ended')
    }
  }

  test('reads on only when asked, and ends its source when the reader gives up', async () => {
    const seen: string[] = []
    const reader = streamOf(counting(seen)).getReader()
    expect(seen).toEqual([])
    expect((await reader.read()).value).toHaveLength(1)
    expect((await reader.read()).value).toHaveLength(2)
    expect(seen).toEqual(['0', '1'])
    await reader.cancel()
    expect(seen).toEqual(['0', '1', 'ended'])
  })

  test('breaks where its source does', async () => {
    const reader = streamOf(counting([], 1)).getReader()
    expect((await reader.read()).value).toHaveLength(1)
    await expect(reader.read()).rejects.toThrow('source gone')
  })
})
