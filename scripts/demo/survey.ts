// What the demo collects: the "Trail survey" form, and a submission with its photos for each track.
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { type Route, recordedTracks, type Track, walkedTrack } from './tracks.ts'

const options = (...values: string[]) =>
  values.map((value) => ({ value, label: `${value[0]!.toUpperCase()}${value.slice(1)}` }))

export const TRAIL_SURVEY = {
  title: 'Trail survey',
  fields: [
    { id: 'trail', type: 'text', label: 'Trail', required: true },
    {
      id: 'condition',
      type: 'select_one',
      label: 'Condition',
      required: true,
      options: options('good', 'muddy', 'blocked'),
    },
    { id: 'track', type: 'route', label: 'Track', required: true },
    { id: 'picture', type: 'photo', label: 'Picture' },
    {
      id: 'sightings',
      type: 'repeat',
      label: 'Sightings',
      fields: [
        {
          id: 'species',
          type: 'select_one',
          label: 'Species',
          required: true,
          options: options('chamois', 'marmot', 'owl'),
        },
        { id: 'seen', type: 'number', label: 'How many' },
        { id: 'close_up', type: 'photo', label: 'Close-up' },
      ],
    },
  ],
}

export interface Photo {
  filename: string
  contentType: string
  bytes: Buffer<ArrayBuffer>
  /** Where it belongs, as the upload spells it. */
  fieldId: string
  localUuid: string
}

export interface Survey {
  submissions: {
    local_uuid: string
    collected_at: string
    data: { trail: string; track: Route } & Record<string, unknown>
  }[]
  photos: Photo[]
}

export const WORKING_DAY_POINTS = 20_000
const WORKING_DAY_INTERVAL_MS = 1_500

/** A submission for each recorded track of `samples`, or for one made-up track without it, and one for a track of a
 *  working day. Two photos: one of the first submission, one of the first sighting of the second. */
export function makeSurvey(samples: string | undefined, nowMs: number): Survey {
  const day = walkedTrack({
    name: 'A working day',
    points: WORKING_DAY_POINTS,
    intervalMs: WORKING_DAY_INTERVAL_MS,
    endMs: nowMs - 60_000,
  })
  const short = { name: 'A short walk', points: 240, intervalMs: 5_000, endMs: nowMs - 86_400_000 }
  const tracks = [...(samples ? recordedTracks(samples) : [walkedTrack(short)]), day]
  const pictures = samples ? recordedPictures(samples) : [paintedPicture('trail.png', 1), paintedPicture('owl.png', 2)]
  const submissions = tracks.map((track, i) => submissionOf(track, i, nowMs))

  const places = [
    { submission: submissions[0]!, fieldId: 'picture' },
    { submission: submissions[1]!, fieldId: 'sightings[0].close_up' },
  ]
  const photos = places.map(({ submission, fieldId }, i) => {
    const picture = pictures[i]
    if (!picture) throw new Error(`The demo needs two pictures; ${samples}/odk has ${pictures.length}.`)
    return { ...picture, fieldId, localUuid: submission.local_uuid }
  })
  return { submissions, photos }
}

function submissionOf({ name, route }: Track, i: number, nowMs: number): Survey['submissions'][number] {
  return {
    local_uuid: randomUUID(),
    collected_at: route.ended_at ?? new Date(nowMs).toISOString(),
    data: {
      trail: name,
      condition: i % 2 === 0 ? 'good' : 'muddy',
      track: route,
      ...(i === 0 ? { picture: 'file:///phone/picture' } : {}),
      sightings: [
        { species: 'owl', seen: 1 + i, ...(i === 1 ? { close_up: 'file:///phone/close-up' } : {}) },
        { species: 'marmot', seen: 4 },
      ],
    },
  }
}

type Picture = Pick<Photo, 'filename' | 'contentType' | 'bytes'>

function recordedPictures(samples: string): Picture[] {
  const folder = join(samples, 'odk')
  const files = readdirSync(folder).filter((file) => file.endsWith('.jpg'))
  return files
    .sort()
    .map((filename) => ({ filename, contentType: 'image/jpeg', bytes: readFileSync(join(folder, filename)) }))
}

const WIDTH = 160
const HEIGHT = 120

/** A PNG of hills under a sky. */
function paintedPicture(filename: string, seed: number): Picture {
  const rows: Buffer[] = []
  for (let y = 0; y < HEIGHT; y++) {
    // Each row opens with its filter: none.
    const row = Buffer.alloc(1 + WIDTH * 3)
    for (let x = 0; x < WIDTH; x++) {
      const ridge = HEIGHT / 2 + 18 * Math.sin(x / 19 + seed) + 7 * Math.sin(x / 5 + 3 * seed)
      row.set(y < ridge ? [150, 190 + y / 2, 235] : [40, 150 - y / 2, 60 + (x % 9)], 1 + x * 3)
    }
    rows.push(row)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(WIDTH, 0)
  header.writeUInt32BE(HEIGHT, 4)
  // 8 bits per channel, RGB.
  header.set([8, 2, 0, 0, 0], 8)
  const bytes = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
  return { filename, contentType: 'image/png', bytes }
}

function pngChunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const chunk = Buffer.alloc(named.length + 8)
  chunk.writeUInt32BE(content.length, 0)
  named.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(named), named.length + 4)
  return chunk
}
