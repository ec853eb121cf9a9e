// App bundles: cases 64 to 74 of the Synkronus contract, section 7, and the forms that arrive in them.
import { createHash } from 'node:crypto'
import { unzipSync } from 'fflate'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectStatus } from '../../support/app.ts'
import {
  BUNDLE,
  type BundleFiles,
  formFiles,
  HOUSEHOLD,
  PAGE,
  pushArchive,
  pushBundle,
  schemaOf,
  uiOf,
  zipOf,
} from '../../support/bundles.ts'
import { faultOf, MOUNTS, observation, push, type Repository, startRepository } from '../../support/synkronus.ts'

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')
const parsed = JSON.parse(HOUSEHOLD)

/** The household form with other properties. */
const household = (change: (properties: Record<string, any>) => Record<string, any>): BundleFiles => ({
  ...BUNDLE,
  ...formFiles('household', schemaOf(change(structuredClone(parsed.properties)))),
})

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  const publish = async (files: BundleFiles = BUNDLE): Promise<string> => {
    const { body } = expectStatus(200, await pushBundle(repository.admin, files))
    return body.manifest.version
  }
  const activate = async (version: string) =>
    expectStatus(200, await repository.admin.post(`/app-bundle/switch/${version}`)).body
  const versions = async (): Promise<string[]> =>
    expectStatus(200, await repository.reader.get('/app-bundle/versions')).body.versions
  const manifest = (headers?: Record<string, string>) => repository.reader.get('/app-bundle/manifest', headers)
  const download = (path: string, headers?: Record<string, string>) =>
    repository.reader.get(`/app-bundle/download/${path}`, headers)

  test('before anything was pushed there is an empty manifest', async () => {
    const { status, body } = await manifest()
    expect(status).toBe(200)
    expect(body).toMatchObject({ files: [], version: 'current', generatedAt: expect.any(String) })
    expect(await versions()).toEqual([])
  })

  test('case 64: a bundle that was pushed waits until it is chosen', async () => {
    const before = await manifest()
    const { body } = expectStatus(200, await pushBundle(repository.admin, BUNDLE))
    expect(body).toMatchObject({ message: 'App bundle successfully pushed', manifest: { version: '0001' } })
    expect(await versions()).toEqual(['0001'])
    const after = await manifest()
    expect(after.body.files).toEqual([])
    expect(after.body.version).toBe(before.body.version)
  })

  test('case 65: the chosen one is marked, and its files are listed with their hashes', async () => {
    const version = await publish()
    expect(await activate(version)).toEqual({ message: 'Switched to app bundle version 0001' })
    expect(await versions()).toEqual(['0001 *'])
    const { body, headers } = await manifest()
    expect(body.version).toBe('0001')
    const paths: string[] = body.files.map((file: any) => file.path)
    expect(paths).toEqual([...paths].sort())
    expect(paths.filter((path) => path !== 'APP_INFO.json')).toEqual(Object.keys(BUNDLE).sort())
    expect(paths).toContain('APP_INFO.json')
    for (const file of body.files) {
      expect(file).toMatchObject({ mimeType: expect.any(String), modTime: expect.any(String) })
      const content = BUNDLE[file.path]
      if (content !== undefined)
        expect(file).toMatchObject({ hash: sha256(content), size: Buffer.byteLength(content as string) })
    }
    expect(headers.get('etag')).toBe(`"${body.hash}"`)
  })

  test('case 66: the manifest is fetched again only when it has changed', async () => {
    await activate(await publish())
    const first = await manifest()
    const etag = first.headers.get('etag')!
    const same = await manifest({ 'if-none-match': etag })
    expect({ status: same.status, bytes: same.bytes.length }).toEqual({ status: 304, bytes: 0 })
    expect((await manifest()).body).toEqual(first.body)
    await activate(await publish({ ...BUNDLE, 'app/new.txt': 'new' }))
    const other = await manifest({ 'if-none-match': etag })
    expect(other.status).toBe(200)
    expect(other.headers.get('etag')).not.toBe(etag)
    expect(other.body.version).toBe('0002')
  })

  test('case 67: files are downloaded one by one', async () => {
    await activate(await publish())
    const html = BUNDLE['app/index.html'] as string
    const got = await download('app%2Findex.html')
    expect({ status: got.status, text: got.text }).toEqual({ status: 200, text: html })
    expect(got.headers.get('content-type')).toContain('text/html')
    expect(got.headers.get('content-length')).toBe(String(html.length))
    expect(got.headers.get('etag')).toBe(`"${sha256(html)}"`)
    for (const tag of [`"${sha256(html)}"`, '*']) {
      const same = await download('app%2Findex.html', { 'if-none-match': tag })
      expect({ status: same.status, bytes: same.bytes.length }).toEqual({ status: 304, bytes: 0 })
    }
    expect((await download('app%2Findex.html', { 'if-none-match': '"other"' })).status).toBe(200)
    expect([200, 404]).toContain((await download('app/index.html')).status)
    const missing = await download('app%2Fnothing.html')
    expect(missing.status).toBe(404)
    faultOf(missing)
    for (const path of ['..%2F..%2Fetc%2Fpasswd', '%2Fetc%2Fpasswd', 'app%2F..%2F..%2Fx', 'app', '%00'])
      expect([400, 404]).toContain((await download(path)).status)
    const schema = await download('forms%2Fhousehold%2Fschema.json')
    expect(schema.text).toBe(HOUSEHOLD)
    expect(schema.headers.get('content-type')).toContain('application/json')
  })

  test('case 68: a preview shows the newest', async () => {
    await activate(await publish())
    await publish({ ...BUNDLE, 'app/index.html': 'newer', 'app/only-new.txt': 'x' })
    const preview = await download('app%2Findex.html?preview=true')
    expect(preview.text).toBe('newer')
    expect(preview.headers.get('x-is-preview')).toBe('true')
    expect((await download('app%2Fonly-new.txt')).status).toBe(404)
    for (const value of ['zzz', 'false', '']) {
      const active = await download(`app%2Findex.html?preview=${value}`)
      expect(active.text).toBe(BUNDLE['app/index.html'])
      expect(active.headers.get('x-is-preview')).not.toBe('true')
    }
  })

  const form = (files: BundleFiles) => ({ ...PAGE, ...files })
  const REFUSED: [string, BundleFiles, string][] = [
    ['a file at the top', { ...BUNDLE, 'manifest.json': '{}' }, 'manifest.json'],
    ['an unknown folder', { ...BUNDLE, 'docs/x.md': '' }, 'docs'],
    ['no page', formFiles('household', HOUSEHOLD), 'app/index.html'],
    ['a form without ui.json', form({ 'forms/water/schema.json': HOUSEHOLD }), 'water'],
    ['a form without schema.json', form({ 'forms/water/ui.json': '{}' }), 'water'],
    ['a stray file in a form', { ...BUNDLE, 'forms/household/notes.txt': 'x' }, 'notes.txt'],
    ['a stray file among the forms', { ...BUNDLE, 'forms/readme.md': 'x' }, 'readme.md'],
    ['a schema that is no object', form({ ...formFiles('water', HOUSEHOLD), 'forms/water/schema.json': '5' }), 'water'],
    ['an extension that is no JSON', { ...BUNDLE, 'forms/ext.json': '[' }, 'forms/ext.json'],
    ["a form's extension that is no JSON", { ...BUNDLE, 'forms/household/ext.json': '{' }, 'forms/household/ext.json'],
    ['a renderer of another kind', { ...BUNDLE, 'renderers/a/b.js': 'x' }, 'renderers/a/b.js'],
    [
      'an unknown renderer',
      form(formFiles('water', schemaOf({ a: { type: 'string', 'x-renderer': 'wheel' } }))),
      'wheel',
    ],
    [
      'an unknown renderer far inside',
      form(
        formFiles(
          'water',
          schemaOf({ a: { type: 'object', properties: { b: { type: 'string', rendererType: 'wheel' } } } }),
        ),
      ),
      'wheel',
    ],
    ['a schema that is no JSON', form(formFiles('water', '{"type":')), 'water'],
    ['a path that leaves the bundle', { ...BUNDLE, 'app/../../etc/passwd': 'x' }, '..'],
  ]

  test('case 69: what does not belong in a bundle is refused, by name', async () => {
    for (const [what, files, offender] of REFUSED) {
      const reply = await pushBundle(repository.admin, files)
      expect({ what, status: reply.status }).toEqual({ what, status: 400 })
      const { error, message } = faultOf(reply)
      expect(`${error} ${message}`).toContain(offender)
    }
    expect(await versions()).toEqual([])
  })

  test('case 69: what is no archive, and an archive in another field, are refused', async () => {
    const { admin } = repository
    const archive = zipOf(BUNDLE)
    for (const reply of [
      await pushArchive(admin, 'this is no archive'),
      await pushArchive(admin, ''),
      await pushArchive(admin, archive.subarray(0, archive.length - 40)),
      await pushArchive(admin, archive, 'file'),
      await admin.post('/app-bundle/push', {}),
    ]) {
      expect(reply.status).toBe(400)
      faultOf(reply)
    }
    expect(await versions()).toEqual([])
  })

  test('the renderers that are built in, or come along, are taken', async () => {
    const names = ['text', 'signature', 'qrcode', 'multiselect', 'wheel']
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string', 'x-renderer': name }]))
    await publish({
      ...form(formFiles('water', schemaOf(properties))),
      'renderers/wheel/renderer.jsx': 'export default 1',
    })
    const extension = JSON.stringify({ definitions: {}, functions: {} })
    await publish({ ...BUNDLE, 'forms/ext.json': extension, 'forms/household/ext.json': extension })
    expect(await versions()).toEqual(['0002', '0001'])
  })

  test('an archive with too many files is refused', async () => {
    const many = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`app/f${i}.txt`, 'x']))
    const reply = await pushBundle(repository.admin, { ...BUNDLE, ...many })
    expect([400, 413]).toContain(reply.status)
    faultOf(reply)
  }, 60_000)

  test('case 70: core fields stay as they are', async () => {
    const core = household((properties) => ({ ...properties, core_id: { type: 'string' } }))
    await publish(core)
    await publish(core)
    const marked = household((properties) => ({
      ...properties,
      core_id: { type: 'string' },
      village: { type: 'string', 'x-core': true },
      added: { type: 'number' },
    }))
    await publish(marked)
    const broken = await pushBundle(
      repository.admin,
      household((properties) => ({
        ...properties,
        core_id: { type: 'number' },
        village: { type: 'string', 'x-core': true },
      })),
    )
    expect(broken.status).toBe(400)
    expect(`${faultOf(broken).error} ${faultOf(broken).message}`).toContain('core_id')
    expect(await versions()).toEqual(['0003', '0002', '0001'])
  })

  test('case 71: what lies between two versions', async () => {
    const { admin, reader } = repository
    await publish()
    const second = household(({ roof: _, ...properties }) => ({
      ...properties,
      members: { type: 'number' },
      phone: { type: 'string' },
    }))
    await publish({ ...second, ...formFiles('water', schemaOf({ depth: { type: 'number' } })) })
    const changes = async (query: string) => expectStatus(200, await reader.get(`/app-bundle/changes?${query}`)).body
    const forward = await changes('current=0001&target=0002')
    expect(forward).toMatchObject({ form_changes: true, new_forms: [{ form: 'water' }] })
    expect([forward.compare_version_a, forward.compare_version_b].map(Number)).toEqual([1, 2])
    expect(forward.removed_forms ?? []).toEqual([])
    const [modified] = forward.modified_forms
    expect(modified).toMatchObject({ form: 'household', schema_changed: true, core_changed: false })
    expect(modified.added_fields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: 'phone', type: 'string' }),
        expect.objectContaining({ field: 'members', type: 'number' }),
      ]),
    )
    expect(modified.added_fields).toHaveLength(2)
    expect(modified.removed_fields.map(({ field }: any) => field).sort()).toEqual(['members', 'roof'])
    expect(await changes('current=&target=')).toEqual(await changes(''))
    const back = await changes('current=0002&target=0001')
    expect(back.removed_forms).toEqual([{ form: 'water' }])
    expect(back.new_forms ?? []).toEqual([])

    await publish({
      ...second,
      ...formFiles('water', schemaOf({ depth: { type: 'number' } })),
      'forms/household/ui.json': uiOf('name'),
    })
    const ui = await changes('current=0002&target=0003')
    expect(ui).toMatchObject({ form_changes: false, ui_changes: true })
    expect(ui.modified_forms).toMatchObject([{ form: 'household', schema_changed: false, ui_changed: true }])
    expect(await changes('current=0003&target=0003')).toMatchObject({ form_changes: false, ui_changes: false })
    for (const query of ['current=0009&target=0001', 'current=0001&target=0009', 'current=abc'])
      expect((await admin.get(`/app-bundle/changes?${query}`)).status).toBe(404)
    await activate('0001')
    expect((await reader.get('/app-bundle/changes')).status).toBe(200)
    expect((await reader.get('/app-bundle/changes?preview=true')).status).toBe(200)
  })

  test('case 72: what does not exist is not found', async () => {
    const { admin, reader } = repository
    for (const version of ['0001', 'abc', '..%2Fx']) {
      const reply = await admin.post(`/app-bundle/switch/${version}`)
      expect(reply.status).toBe(404)
      faultOf(reply)
    }
    expect([200, 404]).toContain((await reader.get('/app-bundle/changes')).status)
  })

  test('case 73: the oldest go, the active one never', async () => {
    await activate(await publish({ ...PAGE, 'app/n.txt': '0' }))
    for (let n = 1; n <= 7; n++) await publish({ ...PAGE, 'app/n.txt': String(n) })
    const kept = await versions()
    expect(kept).toContain('0001 *')
    expect(kept[0]).toBe('0008')
    expect(kept.length).toBeLessThanOrEqual(6)
    expect((await download('app%2Fn.txt')).text).toBe('0')
    expect((await manifest()).body.version).toBe('0001')
    // Numbers are not used again.
    expect(await publish()).toBe('0009')
  })

  test('case 74: the app of today installs from the archive', async () => {
    const { reader } = repository
    expect((await reader.get('/app-bundle/download-zip')).status).toBe(404)
    await publish({ ...PAGE, 'app/n.txt': 'not chosen' })
    expect((await reader.get('/app-bundle/download-zip')).status).toBe(404)
    const archive = zipOf(BUNDLE)
    const { body } = expectStatus(200, await pushArchive(repository.admin, archive))
    await activate(body.manifest.version)
    const got = await reader.get('/app-bundle/download-zip')
    expect(got.status).toBe(200)
    expect(got.headers.get('content-type')).toBe('application/zip')
    expect(got.headers.get('content-disposition')).toContain('bundle.zip')
    expect(got.headers.get('content-length')).toBe(String(archive.length))
    expect(Buffer.from(got.bytes).equals(archive)).toBe(true)
    const entries = Object.keys(unzipSync(got.bytes))
    expect(new Set(entries.map((path) => path.split('/')[0]))).toEqual(new Set(['app', 'forms']))
    const part = await reader.get('/app-bundle/download-zip', { range: 'bytes=0-3' })
    expect({ status: part.status, bytes: part.bytes.length }).toEqual({ status: 206, bytes: 4 })
  })

  test('the forms of a bundle are forms with versions, and its observations are held against them', async () => {
    const { writer, server } = repository
    await activate(await publish())
    const chiara = await server.logIn('chiara@example.org', 'chiara-owns-it')
    const formNamed = async () => {
      const { body } = expectStatus(200, await chiara.get('/forms'))
      const forms = (body.items ?? body).filter((found: any) => found.key === 'household')
      expect(forms).toHaveLength(1)
      return expectStatus(200, await chiara.get(`/forms/${forms[0].id}`)).body
    }
    const first = await formNamed()
    expect(first.published).toBe(true)
    await push(writer, [observation('x', { data: { name: 'Moussa', members: 4, roof: 'iron' } })])
    const { body: listed } = expectStatus(200, await chiara.get(`/submissions?form_id=${first.id}`))
    expect(listed).toMatchObject([{ local_uuid: 'x', data: { name: 'Moussa', members: 4 } }])

    await activate(await publish(household((properties) => ({ ...properties, phone: { type: 'string' } }))))
    const second = await formNamed()
    expect(second.id).toBe(first.id)
    const { body: history } = expectStatus(200, await chiara.get(`/forms/${first.id}/versions`))
    expect((history.items ?? history).length).toBeGreaterThanOrEqual(2)
  })
})
