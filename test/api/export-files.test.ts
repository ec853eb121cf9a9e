// The archives with photos in them: media and package. Other programs read them in test/smoke/exports.test.ts.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { exported, tableOf } from '../support/exports.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

afterEach(() => vi.restoreAllMocks())

async function send(form: PublishedForm, data: Record<string, unknown>) {
  const item = submissionOf(form, { data })
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', [item]))
  return { id: body.accepted[0].id as string, localUuid: item.local_uuid as string }
}

async function photo(localUuid: string, content: string, filename: string, field = 'pic'): Promise<string> {
  const { body } = expectStatus(201, await upload(phone, localUuid, filePart(content, filename), field))
  return body.media_file_id
}

async function archive(format: 'media' | 'package', form: PublishedForm, query: Record<string, string> = {}) {
  const download = await exported(cast, cast.bruno, format, { form_id: form.id, ...query })
  if (download.status !== 200) throw new Error(`${download.status} ${download.text}`)
  const { headers, files } = download
  return { headers, files, index: tableOf(files['media/index.csv']) }
}

/** Every row of the index that names a file names one that is there, and no file is without a row. */
function expectResolved({ files, index }: Awaited<ReturnType<typeof archive>>): void {
  const listed = index.map((row) => row.filename_in_zip!).filter((name) => name !== '')
  expect(listed.sort()).toEqual(
    Object.keys(files)
      .filter((name) => name.startsWith('media/') && name !== 'media/index.csv')
      .sort(),
  )
}

const PHOTO_FORM = {
  fields: [
    { id: 'pic', type: 'photo', label: ' Picture ' },
    { id: 'rooms', type: 'repeat', label: 'Rooms', fields: [{ id: 'room_pic', type: 'photo', label: 'Of the room' }] },
  ],
}

describe('the media archive', () => {
  test('case 89: a file stands under its submission and field, and the index tells all of them', async () => {
    const form = await publishForm(cast.bruno, PHOTO_FORM, 'Rooms')
    const first = await send(form, { pic: 'a.jpg' })
    const second = await send(form, { rooms: [{ room_pic: 'b.jpg' }] })
    const ids = [
      await photo(first.localUuid, 'one', 'a.jpg'),
      await photo(second.localUuid, 'three', 'b.jpg', 'room_pic'),
    ]
    const media = await archive('media', form)
    expect(media.headers.get('content-type')).toBe('application/zip')
    expect(media.headers.get('content-disposition')).toBe('attachment; filename="rooms_media.zip"')
    expect(Object.keys(media.files)).toEqual([
      `media/${first.id}/pic/a.jpg`,
      `media/${second.id}/room_pic/b.jpg`,
      'media/index.csv',
    ])
    expect(Object.values(media.files).slice(0, 2)).toEqual(['one', 'three'])
    expect(media.index).toEqual([
      {
        media_file_id: ids[0],
        submission_id: first.id,
        field_id: 'pic',
        field_label: 'Picture',
        filename_in_zip: `media/${first.id}/pic/a.jpg`,
        mime_type: 'image/jpeg',
        size_bytes: '3',
      },
      {
        media_file_id: ids[1],
        submission_id: second.id,
        field_id: 'room_pic',
        field_label: 'Of the room',
        filename_in_zip: `media/${second.id}/room_pic/b.jpg`,
        mime_type: 'image/jpeg',
        size_bytes: '5',
      },
    ])
  })

  test('files with equal names are told apart, and each is listed under its own name', async () => {
    const form = await publishForm(cast.bruno, PHOTO_FORM)
    const { id, localUuid } = await send(form, { pic: ['photo.jpg', 'photo.jpg', 'PHOTO.JPG'] })
    for (const [content, name] of [
      ['one', 'photo.jpg'],
      ['two', 'photo.jpg'],
      ['three', 'PHOTO.JPG'],
    ] as const)
      await photo(localUuid, content, name)
    const media = await archive('media', form)
    expect(Object.entries(media.files).slice(0, 3)).toEqual([
      [`media/${id}/pic/photo.jpg`, 'one'],
      [`media/${id}/pic/photo (2).jpg`, 'two'],
      [`media/${id}/pic/PHOTO (3).JPG`, 'three'],
    ])
    expectResolved(media)
  })

  test('nothing to export makes an archive with the header of the index alone', async () => {
    const form = await publishForm(cast.bruno, PHOTO_FORM)
    await send(form, {})
    const { files } = await archive('media', form)
    expect(files).toEqual({
      'media/index.csv': 'media_file_id,submission_id,field_id,field_label,filename_in_zip,mime_type,size_bytes\r\n',
    })
  })

  test('a file that the storage has lost is listed and absent', async () => {
    const form = await publishForm(cast.bruno, PHOTO_FORM)
    const { id, localUuid } = await send(form, { pic: ['a.jpg', 'b.jpg'] })
    const lost = await photo(localUuid, 'one', 'a.jpg')
    await photo(localUuid, 'two', 'b.jpg')
    await env.MEDIA.delete(`${(await env.MEDIA.list()).objects.find(({ key }) => key.endsWith(lost))!.key}`)
    const media = await archive('media', form)
    expect(media.index.map(({ media_file_id, filename_in_zip }) => [media_file_id === lost, filename_in_zip])).toEqual([
      [true, ''],
      [false, `media/${id}/pic/b.jpg`],
    ])
    expectResolved(media)
  })

  test('only the files of the wanted submissions and fields are in it', async () => {
    const form = await publishForm(cast.bruno, PHOTO_FORM)
    const { id, localUuid } = await send(form, { pic: 'a.jpg' })
    await photo(localUuid, 'one', 'a.jpg')
    await photo(localUuid, 'two', 'b.jpg', 'room_pic')
    expect((await archive('media', form, { fields: 'rooms' })).index.map(({ field_id }) => field_id)).toEqual([
      'room_pic',
    ])
    expect((await archive('media', form, { submitter: cast.amina.id })).index).toEqual([])
    expect((await archive('media', form)).index.map(({ submission_id }) => submission_id)).toEqual([id, id])
  })

  test.each([1, 2, 5])('a client that leaves after %i chunks lets go of every file that was opened', async (chunks) => {
    const form = await publishForm(cast.bruno, PHOTO_FORM)
    const { localUuid } = await send(form, { pic: 'x' })
    for (let index = 0; index < 8; index++) await photo(localUuid, `${index}`, `${index}.jpg`)
    const opened: string[] = []
    const held = new Set<string>()
    vi.spyOn(env.MEDIA, 'get').mockImplementation((async (key: string) => {
      opened.push(key)
      held.add(key)
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(300_000)),
        cancel: () => void held.delete(key),
      })
      return { body }
    }) as any)
    const response = await cast.app.request(
      `http://fieldpost.test/api/v1/submissions/export/media?form_id=${form.id}`,
      {
        headers: { authorization: `Bearer ${cast.bruno.accessToken}` },
      },
    )
    const reader = response.body!.getReader()
    for (let read = 0; read < chunks; read++) await reader.read()
    await reader.cancel()
    expect(opened.length).toBeGreaterThan(0)
    expect(opened.length).toBeLessThan(5)
    await vi.waitFor(() => expect([...held]).toEqual([]))
  })

  test('more files than one is opened ahead come in their order', async () => {
    const form = await publishForm(cast.bruno, PHOTO_FORM)
    const names = Array.from({ length: 7 }, (_, index) => `${index}.jpg`)
    const { localUuid } = await send(form, { pic: names })
    for (const name of names) await photo(localUuid, `content of ${name}`, name)
    const media = await archive('media', form)
    expect(Object.values(media.files).slice(0, 7)).toEqual(names.map((name) => `content of ${name}`))
    expectResolved(media)
  })
})

describe('the package', () => {
  test('case 90: tables, places, routes, files and a page that explains them', async () => {
    const form = await publishForm(cast.bruno, fixtureS, 'Household survey')
    const { id, localUuid } = await send(form, validAnswersS)
    await photo(localUuid, 'the photo', 'photo-1.jpg')
    const { headers, files, index } = await archive('package', form)
    expect(headers.get('content-disposition')).toBe('attachment; filename="household_survey_export_2026-11-23.zip"')
    expect(Object.keys(files)).toEqual([
      'household_survey.csv',
      'household_survey_hh.csv',
      'household_survey_locations.geojson',
      'household_survey_routes.gpx',
      `media/${id}/pic/photo-1.jpg`,
      'media/index.csv',
      'README.txt',
    ])
    expect(tableOf(files['household_survey.csv'])[0]).toMatchObject({ submission_id: id, 'Full name': 'Amina Diallo' })
    expect(JSON.parse(files['household_survey_locations.geojson']!).features).toHaveLength(3)
    expect(files['household_survey_routes.gpx']).toContain('<trkseg>')
    expect(index).toHaveLength(1)
    expect(files['README.txt']!.split('\r\n')).toEqual(README.split('\n'))
  })

  test('case 90: without places and routes there are no files for them', async () => {
    const form = await publishForm(cast.bruno, { fields: [{ id: 'who', type: 'text', label: 'Who' }] }, 'Names')
    expect(Object.keys((await archive('package', form)).files)).toEqual(['names.csv', 'media/index.csv', 'README.txt'])
  })

  test('a file that the storage has lost is named on the page', async () => {
    const form = await publishForm(cast.bruno, PHOTO_FORM, 'Rooms')
    const { id, localUuid } = await send(form, { pic: 'a.jpg' })
    await photo(localUuid, 'one', 'a.jpg')
    for (const { key } of (await env.MEDIA.list()).objects) await env.MEDIA.delete(key)
    const media = await archive('package', form)
    expectResolved(media)
    expect(media.files['README.txt']).toContain(`- media/${id}/pic/a.jpg\r\n`)
    expect(media.files['README.txt']).toContain('Media files:  1\r\n')
  })
})

const README = `Fieldpost export
================

Form:         Household survey
Exported:     2026-11-23 08:00 UTC
Submissions:  1
Media files:  1
Coordinates:  WGS 84 (EPSG:4326), in degrees; altitudes and accuracies in metres

Files
-----

household_survey.csv                a row per submission
household_survey_hh.csv             a row per row of "Household members"
household_survey_locations.geojson  positions, traces, areas and routes
household_survey_routes.gpx         routes as tracks, broken at their pauses
media/index.csv                     a row per photo or other file
media/<submission_id>/<field_id>/   the files themselves

How to read the tables
----------------------

- The tables are CSV: comma-separated, UTF-8, times in UTC.
- Columns are those of the current version of the form, then those that only earlier versions have.
- Several answers in one cell stand apart by "|"; a "|" within an answer is written "\\|".
- "(Other text)" holds what was written beside an option of the form.
- "_lat", "_lng", "_alt" and "_accuracy" are the parts of a position; "(WKT)" is the whole of a line or area.
- [upload_missing] stands for a file that was taken and has not been uploaded.
- "(Count)" is the number of rows in a repeat.
- Rows of a repeat name their submission (submission_id) and their place in it (repeat_index, from 0).
- An apostrophe stands before text that a spreadsheet would run as a formula (guard=false leaves it away).

Fields
------

Id         Type              Label
full_name  text              Full name
age        number            Age
consent    select_one        Consent
reason     text              Reason
tags       select_multiple   Tags
src        select_one_other  Source
gps        geopoint          Position
trace      geotrace          Trace
walk       route             Walk
pic        photo             Picture
hh         repeat            Household members
m_name     text              Name
m_age      number            Age of member
street     text              Street
city       text              City
total      calculated        Total
`
