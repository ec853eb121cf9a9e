// `npm run demo`: a trail survey comes home, through the public API alone: a form is published, a phone is paired and
// sends tracks and photos, everything is sent a second time, the admin reads it back and exports it in every format.
// It starts a server on data of its own and leaves it running until Ctrl-C; `-- --exit` stops it at once. With
// FIELDPOST_URL, ADMIN_EMAIL and ADMIN_PASSWORD it uses a server that runs already, with FIELDPOST_SAMPLES real tracks.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, relative, resolve } from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { type Client, createClient } from '../src/client.ts'
import { exportEverything } from './demo/exports.ts'
import { makeSurvey, type Photo, type Survey, TRAIL_SURVEY, WORKING_DAY_POINTS } from './demo/survey.ts'
import { ROOT } from './local/paths.ts'
import { lockState } from './local/state-lock.ts'
import { type LocalServer, startServer } from './server.ts'

const EMAIL = 'demo@fieldpost.local'
const PASSWORD = 'trail-survey'
/** Tells a folder that the demo has made, and may empty, from any other. */
const MARK = 'made-by-the-demo'
const MAX_PORT = 65_535

interface Target {
  url: string
  email: string
  password: string
  /** How the commands at the end spell the credentials: other people's are not printed. */
  spelled: { email: string; password: string }
  server: LocalServer | null
}

const count = (n: number): string => n.toLocaleString('en-US')
const kilobytes = (bytes: number): string => `${count(Math.round(bytes / 1000))} kB`
const hoursAndMinutes = (seconds: number): string => {
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
const since = (startMs: number): number => performance.now() - startMs

function say(label: string, text: string, ms?: number): void {
  const time = ms === undefined ? '' : `${count(Math.round(ms))} ms`.padStart(10)
  console.log(`  ${label.padEnd(11)}${ms === undefined ? text : text.padEnd(68)}${time}`)
}

/** The body of a good answer. Throws with the server's words for any other. */
async function bodyOf<T>(
  asked: Promise<{ ok: boolean; status: number; url: string; text(): Promise<string>; json(): Promise<T> }>,
): Promise<T> {
  const response = await asked
  if (!response.ok) throw new Error(`${new URL(response.url).pathname}: ${response.status} ${await response.text()}`)
  return response.json()
}

async function openTarget(stateDir: string): Promise<Target> {
  const { FIELDPOST_URL: url, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = process.env
  if (url) {
    if (!email || !password) throw new Error('FIELDPOST_URL needs ADMIN_EMAIL and ADMIN_PASSWORD beside it.')
    const spelled = { email: `'"$ADMIN_EMAIL"'`, password: `'"$ADMIN_PASSWORD"'` }
    return { url: url.replace(/\/+$/, ''), email, password, spelled, server: null }
  }
  emptyStateFolder(stateDir)
  const server = await startServer({
    port: await freePortFrom(Number(process.env.PORT || 8787)),
    stateDir,
    env: { ADMIN_EMAIL: EMAIL, ADMIN_PASSWORD: PASSWORD },
    onLine: (line, isOurs) => {
      if (!isOurs || line.includes('"level":"error"')) process.stderr.write(`${line}\n`)
    },
  })
  const credentials = { email: EMAIL, password: PASSWORD }
  return { url: server.url, ...credentials, spelled: credentials, server }
}

/** Throws an Error for people when the folder is in use, or holds what the demo has not made. */
function emptyStateFolder(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true })
  if (readdirSync(stateDir).length > 0 && !existsSync(join(stateDir, MARK)))
    throw new Error(`${stateDir} holds data that is not the demo's, and the demo would delete it.`)
  const release = lockState(stateDir)
  try {
    writeFileSync(join(stateDir, MARK), '')
    for (const name of readdirSync(stateDir))
      if (name !== MARK && name !== 'lock') rmSync(join(stateDir, name), { recursive: true })
  } finally {
    release()
  }
}

/** The port, or the next one that nobody listens on. 0 stays 0. */
async function freePortFrom(port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) throw new Error(`PORT=${process.env.PORT} is not a port.`)
  for (let tried = port; port !== 0 && tried <= MAX_PORT; tried++) if (await isFree(tried)) return tried
  return 0
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((done) => {
    probe.once('error', () => done(false))
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => done(true)))
  })
}

interface Stored {
  submissions: number
  photos: number
  items: Awaited<ReturnType<typeof readOne>>[]
}

const readOne = (admin: Client, id: string) => bodyOf(admin.submissions[':id'].$get({ param: { id } }))

/** All that the admin finds of a form. */
async function readStored(admin: Client, formId: string): Promise<Stored> {
  const list = await admin.submissions.$get({ query: { form_id: formId, limit: '100' } })
  const total = Number(list.headers.get('x-total-count'))
  const items = []
  for (const { id } of await bodyOf(Promise.resolve(list))) items.push(await readOne(admin, id))
  return { submissions: total, photos: items.reduce((sum, { media_files }) => sum + media_files.length, 0), items }
}

/** Makes the form and reads it with a phone, as far as a phone can: the survey must name the version it was offered. */
async function prepare(url: string, email: string, password: string) {
  const { access_token } = await bodyOf(createClient(url).auth.login.$post({ json: { email, password } }))
  const admin = createClient(url, { token: access_token })
  const project = await bodyOf(admin.projects.$post({ json: { name: 'Trails' } }))
  const { title: name } = TRAIL_SURVEY
  const form = await bodyOf(admin.forms.$post({ json: { project_id: project.id, name, schema: TRAIL_SURVEY } }))
  const published = await bodyOf(admin.forms[':id'].publish.$post({ param: { id: form.id }, json: {} }))
  say('Form', `${name}, ${TRAIL_SURVEY.fields.length} fields, version ${published.version_num} published`)

  const { token } = await bodyOf(admin.settings.mobile['pairing-token'].$post({ json: {} }))
  const paired = await bodyOf(createClient(url).mobile.pair.$post({ json: { token, device_label: 'Demo phone' } }))
  const phone = createClient(url, { deviceToken: paired.device_token })
  const startMs = performance.now()
  const listed = await phone.mobile.forms.$get({})
  if (listed.status !== 200) throw new Error(`The list of forms: ${listed.status} ${await listed.text()}`)
  const offers = await listed.json()
  const offer = offers.find(({ id }) => id === form.id)
  if (!offer) throw new Error('The phone is not offered the form.')
  say(
    'Phone',
    `paired for ${paired.user_email}, is offered ${offers.length === 1 ? 'the form' : `${offers.length} forms`}`,
    since(startMs),
  )
  return { admin, token: access_token, phone, formId: form.id, versionId: offer.version_id }
}

const sendBulk = (phone: Client, body: string) =>
  bodyOf(phone.submissions.bulk.$post({}, { headers: { 'content-type': 'application/json' }, init: { body } }))

function sendPhoto(phone: Client, { filename, contentType, bytes, fieldId, localUuid }: Photo) {
  const form = new FormData()
  form.append('submission_local_uuid', localUuid)
  form.append('field_id', fieldId)
  form.append('file', new Blob([bytes], { type: contentType }), filename)
  return bodyOf(phone.media.upload.$post({}, { init: { body: form } }))
}

/** Sends everything, and tells what became of it. */
async function sync(phone: Client, body: string, photos: Photo[], title: string) {
  let startMs = performance.now()
  const { accepted, ignored, errors } = await sendBulk(phone, body)
  const outcome = `${accepted.length} accepted, ${ignored.length} known already, ${errors.length} refused`
  say(title, `${kilobytes(Buffer.byteLength(body))} in one request: ${outcome}`, since(startMs))
  for (const { local_uuid, error } of errors) say('', `refused: ${local_uuid}: ${error}`)
  const issues = accepted.flatMap((item) => item.issues ?? [])
  for (const { path, message } of issues) say('', `issue: ${path}: ${message}`)

  const mediaIds: string[] = []
  for (const photo of photos) {
    startMs = performance.now()
    const { media_file_id } = await sendPhoto(phone, photo)
    mediaIds.push(media_file_id)
    say('', `${photo.filename}, ${count(photo.bytes.length)} bytes, for ${photo.fieldId}`, since(startMs))
  }
  return { accepted, ignored, faults: issues.length + errors.length, mediaIds }
}

function describeTracks({ submissions }: Survey, samples: string | undefined): void {
  const trackPoints = ({ data }: Survey['submissions'][number]) => data.track.points.length
  for (const submission of submissions) {
    const { trail, track } = submission.data
    const time = track.started_at ? hoursAndMinutes(track.duration_seconds) : 'no clock'
    const size = `${count(trackPoints(submission)).padStart(6)} points`
    const length = `${(track.distance_meters / 1000).toFixed(1).padStart(6)} km`
    say('Track', `${trail.padEnd(26)}${size}${length}${time.padStart(13)}`)
  }
  const total = submissions.reduce((sum, submission) => sum + trackPoints(submission), 0)
  const rest = count(total - WORKING_DAY_POINTS)
  const origin = samples ? `${rest} recorded, ${count(WORKING_DAY_POINTS)} made up` : 'all made up'
  say('', `${count(total)} points: ${origin}`)
}

/** What is wrong with what the admin reads, as sentences; a survey that came home as it was sent has none. */
async function compare(admin: Client, { submissions, photos }: Survey, stored: Stored, mediaIds: string[]) {
  const wrong: string[] = []
  const found = new Map(stored.items.map((item) => [item.local_uuid, item]))
  for (const { local_uuid, data } of submissions)
    if (!isDeepStrictEqual(found.get(local_uuid)?.data, data)) wrong.push(`"${data.trail}" reads otherwise than sent.`)
  for (const [i, { filename, bytes }] of photos.entries()) {
    const download = await admin.media[':id'].$get({ param: { id: mediaIds[i]! } })
    if (!bytes.equals(Buffer.from(await download.arrayBuffer()))) wrong.push(`${filename} reads otherwise than sent.`)
  }
  return wrong
}

/** Returns whether everything was as it should be. */
async function run(
  { url, email, password, spelled, server }: Target,
  staysUp: boolean,
  stateDir: string,
): Promise<boolean> {
  const samples = process.env.FIELDPOST_SAMPLES || undefined
  const { admin, token, phone, formId, versionId } = await prepare(url, email, password)
  const survey = makeSurvey(samples, Date.now())
  describeTracks(survey, samples)
  const items = survey.submissions.map((item) => ({ form_id: formId, form_version_id: versionId, ...item }))
  const body = JSON.stringify({ submissions: items })

  const first = await sync(phone, body, survey.photos, 'Sync')
  const before = await readStored(admin, formId)
  const second = await sync(phone, body, survey.photos, 'Again')
  const startMs = performance.now()
  const after = await readStored(admin, formId)
  const wrong = await compare(admin, survey, after, first.mediaIds)
  say('Read back', wrong.length === 0 ? 'every answer and photo is as it was sent' : wrong.join(' '), since(startMs))

  say('Stored', `submissions ${count(before.submissions)}, after sending everything again ${count(after.submissions)}`)
  say('', `photos      ${count(before.photos)}, after sending everything again ${count(after.photos)}`)
  // Beside the data of a server of its own; with somebody else's server it leaves no files behind.
  const folder = server && join(stateDir, 'exports')
  for (const [i, { name, bytes, ms }] of (await exportEverything(url, token, formId, folder)).entries())
    say(i === 0 ? 'Exported' : '', `${name}, ${count(bytes)} bytes`, ms)
  if (folder) say('', `all in ${relative(process.cwd(), folder)}/`)
  console.log()

  const idsOf = (kept: { id: string }[]) => kept.map(({ id }) => id)
  const isOnce =
    before.submissions === items.length &&
    before.photos === survey.photos.length &&
    after.submissions === before.submissions &&
    after.photos === before.photos &&
    isDeepStrictEqual(idsOf(second.ignored), idsOf(first.accepted)) &&
    isDeepStrictEqual(second.mediaIds, first.mediaIds)
  const isGood = isOnce && first.faults + second.faults + wrong.length === 0
  console.log(isGood ? 'Each arrived exactly once.' : 'This is not as it should be: see above.')
  if (staysUp || !server) console.log(waysToLook(url, spelled, formId, after.items[0]!.id, first.mediaIds[0]!))
  return isGood
}

const waysToLook = (
  url: string,
  { email, password }: Target['spelled'],
  form: string,
  submission: string,
  photo: string,
) => `
To look at it, open ${url}/docs/ or paste into another terminal:

  URL=${url}/api/v1
  TOKEN=$(curl -s $URL/auth/login -H 'content-type: application/json' -d '{"email":"${email}","password":"${password}"}' \\
    | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s "$URL/submissions?form_id=${form}" -H "authorization: Bearer $TOKEN" | head -c 500; echo
  curl -s $URL/submissions/${submission} -H "authorization: Bearer $TOKEN" | head -c 500; echo
  curl -s $URL/media/${photo} -H "authorization: Bearer $TOKEN" -o demo-photo && ls -l demo-photo
`

/** Resolves on Ctrl-C and its like, or when the npm that has started us is gone. */
function untilStopped(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      // Miniflare's own handlers end the process at once, in the middle of our stop.
      process.removeAllListeners(signal)
      process.on(signal, done)
    }
    const parent = process.ppid
    const watch = setInterval(() => {
      if (process.ppid !== parent) done()
    }, 500)
    if (!process.env.npm_lifecycle_event) clearInterval(watch)
  })
}

const { values } = parseArgs({ options: { exit: { type: 'boolean', default: false }, state: { type: 'string' } } })
const stateDir = resolve(values.state ?? join(ROOT, '.fieldpost-demo'))
const startMs = performance.now()
let target: Target | null = null
try {
  target = await openTarget(stateDir)
  const { url, server } = target
  const staysUp = server !== null && !values.exit
  const where = server ? `, data in ${relative(process.cwd(), stateDir)}/` : ''
  say('Server', `${url}${where}`, since(startMs))
  process.exitCode = (await run(target, staysUp, stateDir)) ? 0 : 1
  if (staysUp) {
    console.log(`Log in as ${target.email} with the password ${target.password}. Ctrl-C stops the server.`)
    await untilStopped()
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
await target?.server?.stop()
process.exit()
