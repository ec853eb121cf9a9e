// KML: a placemark per spatial answer, points, lines and areas, with the properties that GeoJSON gives them.
import { KML_END, type KmlGeometry, kmlPlacemark, kmlStart } from '../../lib/kml.ts'
import { streamOf } from '../../lib/stream.ts'
import { propertiesOf } from './geojson.ts'
import { placeName } from './gpx.ts'
import type { ExportedSubmission, ExportPlan, ExportSource, SpatialAnswer, WriteExport } from './model.ts'
import { type FoundAnswer, spatialAnswers } from './spatial.ts'

export const writeKml: WriteExport = (plan, source) => streamOf(kmlBytes(plan, source))

const encoder = new TextEncoder()

async function* kmlBytes(plan: ExportPlan, source: ExportSource): AsyncGenerator<Uint8Array, void, undefined> {
  yield encoder.encode(kmlStart(plan.form.name))
  if (plan.spatialFields.length > 0)
    for await (const page of source.pages({ media: plan.hasMediaFields })) {
      let text = ''
      for (const submission of page)
        for (const answer of spatialAnswers(submission)) text += placemarkOf(submission, answer)
      if (text !== '') yield encoder.encode(text)
    }
  yield encoder.encode(KML_END)
}

/** Empty where the answer has too few points for its kind. */
function placemarkOf(submission: ExportedSubmission, answer: FoundAnswer): string {
  const geometry = geometryOf(answer)
  if (geometry === null) return ''
  const properties: Record<string, unknown> = JSON.parse(propertiesOf(submission, answer))
  return kmlPlacemark({
    name: placeName(submission, answer),
    when: submission.collectedAtMs === null ? null : new Date(submission.collectedAtMs).toISOString(),
    data: Object.entries(properties).flatMap(([key, value]) => (value === null ? [] : [[key, textOf(value)] as const])),
    geometry,
  })
}

function geometryOf({ field, points, pauses }: SpatialAnswer): KmlGeometry | null {
  switch (field.type) {
    case 'geopoint':
      return { kind: 'point', point: points[0]! }
    case 'geoshape':
      return points.length < 3 ? null : { kind: 'area', points }
    default:
      return points.length < 2 ? null : { kind: 'line', points, pauses }
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
