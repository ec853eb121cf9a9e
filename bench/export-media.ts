// The archive of photos, as phones take them (2 MB each), out of the embedded storage. The answer is read and thrown away.
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { measureDownload } from './exports.ts'
import type { BenchOptions } from './report.ts'

const PHOTO_BYTES = 2_000_000
const PHOTOS = 200
const QUICK_PHOTOS = 20

export async function runExportMediaBench(server: LocalServer, { seconds }: BenchOptions): Promise<void> {
  const photos = seconds < 10 ? QUICK_PHOTOS : PHOTOS
  const api = createClient(server.url)
  await api.logIn('bench@example.org', 'bench-password')
  const form = await api.publish({ title: 'Photos', fields: [{ id: 'picture', type: 'photo', label: 'Picture' }] })
  const device = await api.pair()
  for (let i = 0; i < photos; i++) {
    const localUuid = await api.submitOne(form.versionId, device)
    await api.upload(device, localUuid, `IMG_${i}.jpg`, PHOTO_BYTES)
  }
  print([
    'export',
    'photos',
    'MB per second',
    'first byte ms',
    'seconds',
    'cpu ms a photo',
    'memory MB, before and most',
  ])
  print(['---', '---', '---', '---', '---', '---', '---'])
  for (const format of ['media', 'package'])
    for (const round of [1, 2]) {
      const path = `/api/v1/submissions/export/${format}?form_id=${form.id}`
      const measured = await measureDownload(server, path, api.token())
      print([
        `${format}, round ${round}`,
        String(photos),
        (measured.bytes / measured.seconds / 1e6).toFixed(0),
        measured.firstByteMs.toFixed(0),
        measured.seconds.toFixed(2),
        ((measured.cpu * 1000) / photos).toFixed(1),
        `${measured.memoryBeforeMb}, ${measured.memoryMostMb}`,
      ])
    }
}

const print = (cells: string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)
