// GPX: a track per route, broken where its recorder paused. Other spatial answers are none of GPX's.
// Source: contracts/native.md, section 12.3.
import { GPX_END, GPX_START, gpxTrack } from '../../lib/gpx.ts'
import { streamOf } from '../../lib/stream.ts'
import type { ExportedSubmission, ExportPlan, ExportSource, SpatialAnswer, WriteExport } from './model.ts'
import { spatialAnswers } from './spatial.ts'

export const writeGpx: WriteExport = (plan, source) => streamOf(gpxBytes(plan, source))

export const gpxFileName = ({ slug }: ExportPlan): string => `${slug}_routes.gpx`

export const hasRoutes = ({ spatialFields }: ExportPlan): boolean => spatialFields.some(({ type }) => type === 'route')

const encoder = new TextEncoder()

export async function* gpxBytes(plan: ExportPlan, source: ExportSource): AsyncGenerator<Uint8Array, void, undefined> {
  yield encoder.encode(GPX_START)
  if (hasRoutes(plan))
    for await (const page of source.pages({ media: false })) {
      let text = ''
      for (const submission of page)
        for (const answer of spatialAnswers(submission))
          if (answer.field.type === 'route')
            text += gpxTrack({
              name: placeName(submission, answer),
              description: answer.repeatPath || null,
              points: answer.points,
              pauses: answer.pauses,
            })
      if (text !== '') yield encoder.encode(text)
    }
  yield encoder.encode(GPX_END)
}

/** What the answer is called on a map. */
export const placeName = ({ id }: ExportedSubmission, { field }: SpatialAnswer): string =>
  `${id.slice(0, 8)} — ${field.label}`
