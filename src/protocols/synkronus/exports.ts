// Archives of records and of attachments, and figures. Source: contracts/synkronus.md, sections 6 and 8.
import { type Context, Hono } from 'hono'
import type { Ctx } from '../../domain/context.ts'
import { listAllAttachments } from '../../domain/media/attachments.ts'
import { openFile } from '../../domain/media/read.ts'
import { type ExportedType, recordsByType } from '../../domain/sync/export.ts'
import { recordStats } from '../../domain/sync/stats.ts'
import { contentDisposition } from '../../lib/file-name.ts'
import { isoTime } from '../../lib/iso-time.ts'
import { streamOf } from '../../lib/stream.ts'
import { type ZipEntry, zipStream } from '../../lib/zip-writer.ts'
import { guard } from './auth.ts'
import type { SynkronusEnv } from './env.ts'
import { reply } from './errors.ts'
import { prettyRecord } from './map.ts'
import { recordsParquet } from './parquet.ts'

type C = Context<SynkronusEnv>

const NAMELESS = '(no form type)'
const DAY_MS = 86_400_000
const MAX_NAME_BYTES = 100

/** As one level of a path. */
const levelOf = (name: string): string => name.replace(/[/\\:*?"<>|]/g, '_')

/** What a form is called in an archive. */
function folderOf(formKey: string): string {
  const name = levelOf(formKey.trim() === '' ? NAMELESS : formKey)
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  // A character that is cut through is left out.
  return Buffer.from(name)
    .subarray(0, MAX_NAME_BYTES)
    .toString()
    .replace(/\uFFFD+$/, '')
}

async function* parquetFiles(types: ExportedType[], atMs: number): AsyncGenerator<ZipEntry, void, undefined> {
  // Its pages are compressed already.
  for (const { formKey, pages } of types)
    yield { name: `${folderOf(formKey)}.parquet`, modifiedAtMs: atMs, stored: true, content: recordsParquet(pages) }
}

async function* jsonFiles(types: ExportedType[]): AsyncGenerator<ZipEntry, void, undefined> {
  for (const { formKey, pages } of types)
    for await (const page of pages())
      for (const record of page) {
        const { localUuid, updatedAtMs } = record
        const name = `${folderOf(formKey)}/${levelOf(localUuid)}.json`
        yield { name, modifiedAtMs: updatedAtMs, content: oneChunk(prettyRecord(record)) }
      }
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield new TextEncoder().encode(text)
}

async function* attachmentFiles(
  ctx: Ctx,
  files: Awaited<ReturnType<typeof listAllAttachments>>,
): AsyncGenerator<ZipEntry, void, undefined> {
  for (const file of files)
    yield {
      name: file.name,
      modifiedAtMs: file.createdAtMs,
      stored: true,
      content: (await openFile(ctx.deps, file)) as unknown as AsyncIterable<Uint8Array>,
    }
}

function sendZip(c: C, filename: string, entries: AsyncIterable<ZipEntry>): Response {
  const headers = {
    'Content-Type': 'application/zip',
    'Content-Disposition': contentDisposition('attachment', filename),
  }
  return c.body(streamOf(tellingWhy(c, zipStream(entries))), 200, headers)
}

/** The answer has begun when it breaks: only the log can tell why. */
async function* tellingWhy(c: C, body: ReadableStream<Uint8Array>) {
  try {
    yield* body as unknown as AsyncIterable<Uint8Array>
  } catch (error) {
    c.var.deps.log({ level: 'error', event: 'export_broken', request: c.var.requestId, error: String(error) })
    throw error
  }
}

const dayText = (day: number): string => isoTime(day * DAY_MS).slice(0, 10)
const dayLabel = (day: number): string =>
  new Date(day * DAY_MS).toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' })

export const exports = new Hono<SynkronusEnv>()
  .get('/dataexport/parquet', guard('sync.pull'), async (c) =>
    sendZip(c, 'observations_export.zip', parquetFiles(await recordsByType(c.var.ctx), c.var.ctx.nowMs)),
  )
  .get('/dataexport/raw-json', guard('sync.pull'), async (c) =>
    sendZip(c, 'observations_raw_json.zip', jsonFiles(await recordsByType(c.var.ctx))),
  )
  .get('/attachments/export-zip', guard('sync.pull'), async (c) =>
    sendZip(c, 'attachments_export.zip', attachmentFiles(c.var.ctx, await listAllAttachments(c.var.ctx))),
  )
  .get('/stats/observations', guard('sync.pull'), async (c) => {
    const stats = await recordStats(c.var.ctx)
    return reply(c, {
      totalCount: stats.total,
      byFormType: stats.byForm.map(({ formKey, count }) => ({ formType: formKey.trim() || NAMELESS, count })),
      timeline: {
        bucketUnit: stats.unit,
        rangeStart: stats.firstDay === null ? '' : dayText(stats.firstDay),
        rangeEnd: stats.lastDay === null ? '' : dayText(stats.lastDay),
        buckets: stats.buckets.map(({ day, count }) => ({ bucketStart: dayText(day), label: dayLabel(day), count })),
      },
      computedAt: isoTime(c.var.ctx.nowMs),
    })
  })
