// The audit log: every administrative act leaves a row, and nothing else does. The walk goes over every operation of the
// OpenAPI document that changes something: a new one must either be shown to leave a row here, or be named as quiet.
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { PERMISSIONS } from '../../src/domain/access/permissions.ts'
import { shardOf } from '../../src/storage/shards.ts'
import { type Caller, type Cast, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { smallForm, workbookOf } from '../support/workbooks.ts'

interface Scene extends Cast {
  operator: Caller
  form: PublishedForm
  /** Ids that one act leaves for a later one. */
  made: Record<string, string>
}

interface Entry {
  id: number
  at: string
  action: string
  subject_kind: string
  subject_id: string | null
  details: Record<string, any>
  actor_kind: string
  actor_id: string | null
  actor_label: string | null
  user_id: string | null
  user_email: string | null
  device_id: string | null
  protocol: string
  request_id: string
}

const away = async () => {
  throw new Error('D1_ERROR: overloaded')
}

/** A database whose every statement fails. */
const brokenDatabase = {
  withSession: () => ({
    prepare: () => ({ bind: () => ({ all: away, run: away, raw: away }) }),
    batch: away,
    getBookmark: () => null,
  }),
} as unknown as D1Database

/** Newest first. */
const entriesOf = async (by: Caller, query = ''): Promise<Entry[]> =>
  expectStatus(200, await by.get(`/audit?limit=1000&${query}`)).body.items

async function setScene(): Promise<Scene> {
  // Nothing is carried out in the background: an export that is done can't be cancelled.
  const cast = await makeCast({ deps: { sendJob: async () => undefined } })
  const form = await publishForm(cast.bruno, NOTE_FORM)
  const operator = cast.as({ authorization: `Bearer ${cast.deps.config.platformToken}` })
  return { ...cast, form, operator, made: {} }
}

interface Act {
  /** Whoever reads the row is an admin of the tenant it is in: the default tenant's Chiara, unless said. */
  reader?: (scene: Scene) => Caller
  action: string
  actor: 'user' | 'device' | 'system'
  run: (scene: Scene) => Promise<unknown>
}

const password = 'a-long-password'
const hookSecret = 'known to the receiver'
const urlSecret = 'part-of-the-address'

/** Sends a payload that can't be stored; returns its id in quarantine. */
async function quarantine(by: Caller, form: PublishedForm): Promise<string> {
  const item = { ...submissionOf(form), form_version_id: '00000000-0000-4000-8000-000000000000' }
  expectStatus(200, await by.post('/submissions/bulk', [item]))
  return expectStatus(200, await by.get('/quarantine?state=open')).body.items[0].id
}

/** Operation -> what it leaves in the log. In the order of the keys: later acts use what earlier ones made. */
const ACTS: Record<string, Act> = {
  changePassword: {
    action: 'user.password_changed',
    actor: 'user',
    run: async ({ amina }) =>
      expectStatus(
        200,
        await amina.post('/auth/change-password', { current_password: amina.password, new_password: password }),
      ),
  },
  createUser: {
    action: 'user.created',
    actor: 'user',
    run: async ({ chiara, made }) => {
      const body = { email: 'nadia@example.org', password, role: 'field_worker' }
      made.user = expectStatus(201, await chiara.post('/users', body)).body.id
    },
  },
  changeUser: {
    action: 'user.changed',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.patch(`/users/${made.user}`, { role: 'manager' })),
  },
  endUserSession: {
    action: 'user.session_ended',
    actor: 'user',
    run: async ({ bruno, chiara }) => {
      const [session] = (await chiara.get(`/users/${bruno.id}/sessions`)).body
      // Bruno goes on with another one.
      expectStatus(200, await bruno.post('/auth/login', { email: bruno.email, password: bruno.password }))
      expectStatus(204, await chiara.delete(`/users/${bruno.id}/sessions/${session.id}`))
    },
  },
  resetPassword: {
    action: 'user.password_reset',
    actor: 'user',
    run: async ({ chiara, made }) =>
      expectStatus(200, await chiara.post(`/users/${made.user}/reset-password`, { password })),
  },
  deactivateUser: {
    action: 'user.deactivated',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(204, await chiara.delete(`/users/${made.user}`)),
  },
  createApiKey: {
    action: 'key.created',
    actor: 'user',
    run: async ({ chiara, made }) => {
      made.key = expectStatus(201, await chiara.post('/api-keys', { name: 'rain gauge' })).body.id
    },
  },
  changeApiKey: {
    action: 'key.changed',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.patch(`/api-keys/${made.key}`, { name: 'gauge' })),
  },
  revokeApiKey: {
    action: 'key.revoked',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(204, await chiara.delete(`/api-keys/${made.key}`)),
  },
  createPairingToken: {
    action: 'pairing.created',
    actor: 'user',
    run: async ({ chiara, made }) => {
      made.pairing = expectStatus(200, await chiara.post('/settings/mobile/pairing-token')).body.token
    },
  },
  pair: {
    action: 'device.paired',
    actor: 'device',
    run: async ({ nobody, made }) => {
      const body = { token: made.pairing, device_label: 'Tablet 7' }
      made.device = expectStatus(200, await nobody.post('/mobile/pair', body)).body.device_id
    },
  },
  changeDevice: {
    action: 'device.handed_over',
    actor: 'user',
    run: async ({ amina, chiara, made }) =>
      expectStatus(200, await chiara.patch(`/settings/mobile/devices/${made.device}`, { user_id: amina.id })),
  },
  revokeDevice: {
    action: 'device.revoked',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(204, await chiara.delete(`/settings/mobile/devices/${made.device}`)),
  },
  setServerUrl: {
    action: 'settings.changed',
    actor: 'user',
    run: async ({ chiara }) =>
      expectStatus(200, await chiara.put('/settings/mobile/server-url', { server_url: 'https://field.example' })),
  },
  setMapSettings: {
    action: 'settings.changed',
    actor: 'user',
    run: async ({ chiara }) =>
      expectStatus(
        200,
        await chiara.put('/settings/map', {
          tile_url: 'https://tiles.example.org/{z}/{x}/{y}.png',
          attribution: 'Somebody',
        }),
      ),
  },
  changeSettings: {
    action: 'settings.changed',
    actor: 'user',
    run: async ({ chiara }) => expectStatus(200, await chiara.patch('/settings', { name: 'Renamed' })),
  },
  createTenant: {
    action: 'tenant.created',
    actor: 'system',
    reader: ({ made, as }) => as({ authorization: `Bearer ${made.eva}` }),
    run: async ({ operator, logIn, made }) => {
      const body = { name: 'New', slug: 'new', admin_email: 'eva@example.org', admin_password: password }
      made.tenant = expectStatus(201, await operator.post('/platform/tenants', body)).body.id
      made.eva = (await logIn('eva@example.org', password)).accessToken
    },
  },
  changeTenant: {
    action: 'tenant.changed',
    actor: 'system',
    reader: ({ made, as }) => as({ authorization: `Bearer ${made.eva}` }),
    run: async ({ operator, made }) =>
      expectStatus(200, await operator.patch(`/platform/tenants/${made.tenant}`, { name: 'Newer' })),
  },
  createProject: {
    action: 'project.created',
    actor: 'user',
    run: async ({ chiara, made }) => {
      made.project = expectStatus(201, await chiara.post('/projects', { name: 'Wells' })).body.id
    },
  },
  updateProject: {
    action: 'project.changed',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.patch(`/projects/${made.project}`, { name: 'W' })),
  },
  deleteProject: {
    action: 'project.deleted',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(204, await chiara.delete(`/projects/${made.project}`)),
  },
  createForm: {
    action: 'form.created',
    actor: 'user',
    run: async ({ chiara, form, made }) => {
      const body = { project_id: form.projectId, name: 'Wells', schema: NOTE_FORM }
      made.form = expectStatus(201, await chiara.post('/forms', body)).body.id
    },
  },
  importForm: {
    action: 'form.created',
    actor: 'user',
    run: async ({ chiara, form }) => {
      const body = new FormData()
      body.set('project_id', form.projectId)
      body.set('file', new Blob([await workbookOf(...smallForm())]), 'wells.xlsx')
      expectStatus(201, await chiara.request('POST', '/forms/import', { body }))
    },
  },
  updateForm: {
    action: 'form.draft_saved',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.put(`/forms/${made.form}`, { schema: NOTE_FORM })),
  },
  publishForm: {
    action: 'form.published',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/forms/${made.form}/publish`)),
  },
  archiveForm: {
    action: 'form.archived',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/forms/${made.form}/archive`)),
  },
  unarchiveForm: {
    action: 'form.unarchived',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/forms/${made.form}/unarchive`)),
  },
  editSubmission: {
    action: 'submission.edited',
    actor: 'user',
    run: async ({ chiara, form, made }) => {
      made.submission = expectStatus(201, await chiara.post('/submissions', submissionOf(form))).body.id
      const body = { base_revision: 1, data: { note: 'a heron' } }
      expectStatus(200, await chiara.patch(`/submissions/${made.submission}`, body))
    },
  },
  reviewSubmission: {
    action: 'submission.reviewed',
    actor: 'user',
    run: async ({ chiara, made }) =>
      expectStatus(200, await chiara.post(`/submissions/${made.submission}/review`, { state: 'approved' })),
  },
  deleteSubmission: {
    action: 'submission.deleted',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(204, await chiara.delete(`/submissions/${made.submission}`)),
  },
  restoreSubmission: {
    action: 'submission.restored',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/submissions/${made.submission}/restore`)),
  },
  eraseSubmission: {
    action: 'submission.erased',
    actor: 'user',
    run: async ({ chiara, made }) =>
      expectStatus(200, await chiara.post(`/submissions/${made.submission}/erase`, { confirm: true })),
  },
  createExport: {
    action: 'submissions.exported',
    actor: 'user',
    run: async ({ chiara, form, made }) => {
      made.export = expectStatus(202, await chiara.post('/exports', { format: 'csv', form_id: form.id })).body.id
    },
  },
  cancelExport: {
    action: 'export.cancelled',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/exports/${made.export}/cancel`)),
  },
  retryExport: {
    action: 'export.retried',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(202, await chiara.post(`/exports/${made.export}/retry`)),
  },
  startBulkAction: {
    action: 'bulk_action.started',
    actor: 'user',
    run: async ({ chiara, form, made }) => {
      expectStatus(201, await chiara.post('/submissions', submissionOf(form)))
      const body = { action: 'delete', filter: { form_id: form.id } }
      made.bulk = expectStatus(200, await chiara.post('/submissions/bulk-actions', body)).body.operation_id
    },
  },
  undoBulkAction: {
    action: 'bulk_action.undone',
    actor: 'user',
    run: async ({ chiara, made }) =>
      expectStatus(200, await chiara.post(`/submissions/bulk-actions/${made.bulk}/undo`)),
  },
  replayQuarantined: {
    action: 'quarantine.replayed',
    actor: 'user',
    run: async ({ chiara, form }) => {
      const id = await quarantine(chiara, form)
      const body = { form_version_id: form.versionId }
      expectStatus(200, await chiara.post(`/quarantine/${id}/replay`, body))
    },
  },
  discardQuarantined: {
    action: 'quarantine.discarded',
    actor: 'user',
    run: async ({ chiara, form }) => {
      const id = await quarantine(chiara, form)
      expectStatus(200, await chiara.post(`/quarantine/${id}/discard`, { reason: 'A test of the phone' }))
    },
  },
  createProjectWebhook: {
    action: 'webhook.created',
    actor: 'user',
    run: async ({ chiara, form, made }) => {
      const body = {
        url: `https://hooks.example.org/?token=${urlSecret}`,
        secret: hookSecret,
        events: ['device.revoked'],
      }
      made.hook = expectStatus(201, await chiara.post(`/projects/${form.projectId}/webhooks`, body)).body.id
    },
  },
  createFormWebhook: {
    action: 'webhook.created',
    actor: 'user',
    run: async ({ chiara, form, made }) => {
      const body = { url: 'https://hooks.example.org', generate_secret: true }
      made.formHook = expectStatus(201, await chiara.post(`/forms/${form.id}/webhooks`, body)).body.id
    },
  },
  updateWebhook: {
    action: 'webhook.changed',
    actor: 'user',
    run: async ({ chiara, made }) =>
      expectStatus(200, await chiara.patch(`/webhooks/${made.hook}`, { description: 'To the map' })),
  },
  rotateWebhookSecret: {
    action: 'webhook.secret_rotated',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/webhooks/${made.hook}/rotate-secret`)),
  },
  testWebhook: {
    action: 'webhook.tested',
    actor: 'user',
    run: async ({ chiara, made }) => {
      made.delivery = expectStatus(202, await chiara.post(`/webhooks/${made.hook}/test`)).body.id
    },
  },
  redeliverWebhookDelivery: {
    action: 'webhook.redelivered',
    actor: 'user',
    run: async ({ chiara, made }) =>
      expectStatus(202, await chiara.post(`/webhooks/${made.hook}/deliveries/${made.delivery}/redeliver`)),
  },
  redeliverFailedWebhookDeliveries: {
    action: 'webhook.failed_redelivered',
    actor: 'user',
    run: async ({ chiara, made }) =>
      expectStatus(
        202,
        await chiara.post(`/webhooks/${made.hook}/redeliver-failed`, { since: '2026-11-01T00:00:00Z' }),
      ),
  },
  pauseWebhook: {
    action: 'webhook.paused',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/webhooks/${made.hook}/pause`)),
  },
  resumeWebhook: {
    action: 'webhook.resumed',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(200, await chiara.post(`/webhooks/${made.hook}/resume`)),
  },
  deleteWebhook: {
    action: 'webhook.deleted',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(204, await chiara.delete(`/webhooks/${made.hook}`)),
  },
  deleteFormWebhook: {
    action: 'webhook.deleted',
    actor: 'user',
    run: async ({ chiara, form, made }) =>
      expectStatus(204, await chiara.delete(`/forms/${form.id}/webhooks/${made.formHook}`)),
  },
  deleteForm: {
    action: 'form.deleted',
    actor: 'user',
    run: async ({ chiara, made }) => expectStatus(204, await chiara.delete(`/forms/${made.form}`)),
  },
}

/** Operations that change something and leave no row, and why. */
const QUIET: Record<string, string> = {
  login: 'the session itself is the record; only failures are logged',
  refresh: 'a session goes on',
  logout: 'of the own session',
  endOwnSession: 'of the own session',
  logoutEverywhere: 'of the own sessions',
  submit: 'the submission itself is the record',
  submitBulk: 'the submissions themselves are the record',
  headlessSubmit: 'the submission itself is the record',
  uploadMedia: 'the file itself is the record',
  addSubmissionComment: 'the comment itself is the record',
  reportDevice: 'presence, not administration',
  createLink: 'reads: a link is signed, not stored',
  deleteTenant: 'its log goes with it; see the test below',
}

describe('every act', () => {
  test('of every operation that changes something leaves its row, with who did it', async () => {
    const scene = await setScene()
    const document = (await scene.nobody.get('/openapi.json')).body
    const changing = Object.values<any>(document.paths).flatMap((methods) =>
      Object.entries<any>(methods).flatMap(([method, { operationId }]) => (method === 'get' ? [] : operationId)),
    )
    expect(changing.filter((id) => !(id in ACTS) && !(id in QUIET))).toEqual([])
    expect([...Object.keys(ACTS), ...Object.keys(QUIET)].filter((id) => !changing.includes(id))).toEqual([])

    const wrong: string[] = []
    for (const [operation, { action, actor, run, reader = () => scene.chiara }] of Object.entries(ACTS)) {
      const before = scene.made.eva || reader(scene) === scene.chiara ? await entriesOf(reader(scene)) : []
      await run(scene)
      const after = await entriesOf(reader(scene))
      const rows = after.slice(0, after.length - before.length)
      const [row] = rows
      if (rows.length !== 1 || row?.action !== action || row.actor_kind !== actor)
        wrong.push(`${operation}: ${JSON.stringify(rows)}`)
    }
    expect(wrong).toEqual([])
  })

  test('no row holds a secret', async () => {
    const scene = await setScene()
    for (const { run } of Object.values(ACTS)) await run(scene)
    const { results } = await env.DB.prepare('SELECT * FROM audit_log').all()
    const text = JSON.stringify(results)
    expect(results.length).toBeGreaterThan(Object.keys(ACTS).length)
    for (const secret of [
      password,
      scene.amina.password,
      scene.made.pairing!,
      'qb_',
      'fpd_',
      'scrypt',
      hookSecret,
      urlSecret,
      'whsec_',
      scene.made.eva!,
    ])
      expect(text, secret).not.toContain(secret)
  })

  test('every verb of the permission table belongs to a walked operation or only reads', async () => {
    const { nobody } = await makeCast()
    const document = (await nobody.get('/openapi.json')).body
    const operations = Object.values<any>(document.paths).flatMap((methods) => Object.values<any>(methods))
    const verbsOf = (ids: string[]) =>
      operations.filter(({ operationId }) => ids.includes(operationId)).map((found) => found['x-permission'])
    const walked = new Set<string>(verbsOf([...Object.keys(ACTS), ...Object.keys(QUIET)]))
    const rest = Object.keys(PERMISSIONS).filter((verb) => !walked.has(verb) && !/\.read$|^headless\.forms$/.test(verb))
    // A link is followed to read, and handing a device over is changeDevice, which opens with device.write. Verbs of other
    // wires: conformance/synkronus/audit.test.ts; pulling only reads, and pushing is in each record's history.
    const ofSync = ['sync.pull', 'sync.push', 'sync.reset', 'bundle.write']
    expect(rest).toEqual(['device.hand_over', ...ofSync, 'link.follow'])
  })

  test('what is refused or changes nothing leaves no row', async () => {
    const { bruno, chiara, dario, form } = await setScene()
    const before = await entriesOf(chiara)
    expect((await bruno.delete(`/forms/${form.id}`)).status).toBe(403)
    expect((await chiara.delete(`/projects/${form.projectId}`)).status).toBe(409)
    expect((await bruno.post(`/forms/${form.id}/publish`)).status).toBe(400)
    const taken = { project_id: form.projectId, name: 'X', key: 'household_survey', schema: NOTE_FORM }
    expect((await bruno.post('/forms', taken)).status).toBe(409)
    expect((await chiara.post('/users', { email: bruno.email, password })).status).toBe(409)
    expect((await dario.delete(`/forms/${form.id}`)).status).toBe(404)
    expect((await dario.patch(`/projects/${form.projectId}`, { name: 'Mine' })).status).toBe(404)
    expectStatus(201, await bruno.post('/submissions', submissionOf(form)))
    expect(await entriesOf(chiara)).toEqual(before)
    expect((await entriesOf(dario)).map(({ action }) => action)).toEqual(['tenant.created'])
  })

  test('of parallel deletions of one form, one is logged', async () => {
    const { chiara, form } = await setScene()
    await Promise.all([1, 2, 3].map(() => chiara.delete(`/forms/${form.id}`)))
    expect(await entriesOf(chiara, 'action=form.deleted')).toHaveLength(1)
  })

  test("a deleted tenant's log is deleted with it", async () => {
    const { dario, operator } = await setScene()
    const tenant = (await dario.get('/auth/me')).body.tenant_id
    const { body: tenants } = await operator.get('/platform/tenants')
    const { shard } = tenants.find(({ id }: { id: string }) => id === tenant)
    expectStatus(204, await operator.delete(`/platform/tenants/${tenant}`))
    const rows = await shardOf(env, shard)
      .prepare('SELECT action FROM audit_log WHERE tenant_id = ? ORDER BY id')
      .bind(tenant)
      .all()
    expect(rows.results).toEqual([{ action: 'tenant.created' }, { action: 'tenant.deleted' }])
  })
})

describe('an act that cannot be recorded', () => {
  test('in the shard does not happen', async () => {
    const { chiara, form } = await setScene()
    // No row of the log can be written: its id is taken.
    await env.DB.prepare(
      `INSERT INTO audit_log (tenant_id, id, action, subject_kind, actor_kind, protocol, request_id, at_ms)
       SELECT tenant_id, seq + 1, 'x.y', 'x', 'system', 'x', 'x', 0 FROM tenant_counters WHERE tenant_id = ?`,
    )
      .bind((await chiara.get('/auth/me')).body.tenant_id)
      .run()
    // The test's application shows unexpected faults: this one is expected.
    vi.spyOn(console, 'error').mockImplementationOnce(() => undefined)
    expect((await chiara.post(`/forms/${form.id}/archive`)).status).toBe(500)
    expect((await chiara.get(`/forms/${form.id}`)).body.archived).toBe(false)
  })

  test('in the directory stands, is written to the log, and the caller is told', async () => {
    const cast = await setScene()
    const key = await cast.addKey(cast.chiara)
    const { shard } = cast.deps
    cast.deps.shard = () => brokenDatabase
    const answer = await cast.chiara.delete(`/api-keys/${key.id}`)
    cast.deps.shard = shard
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, 'unavailable', '5'])
    expect((await key.get('/headless/projects')).status).toBe(401)
    const row = { action: 'key.revoked', subjectId: key.id, actorId: cast.chiara.id }
    expect(cast.lines).toContainEqual(
      expect.objectContaining({ event: 'audit_not_written', row: expect.objectContaining(row) }),
    )
    // Repeated when the shard is back, it is recorded.
    expectStatus(204, await cast.chiara.delete(`/api-keys/${key.id}`))
    expect(await entriesOf(cast.chiara, 'action=key.revoked')).toHaveLength(1)
  })

  test('does not keep a phone from its token', async () => {
    const cast = await setScene()
    const { body } = expectStatus(200, await cast.chiara.post('/settings/mobile/pairing-token'))
    cast.deps.shard = () => brokenDatabase
    expectStatus(200, await cast.nobody.post('/mobile/pair', { token: body.token }))
    expect(cast.lines).toContainEqual(expect.objectContaining({ event: 'audit_not_written' }))
  })
})

describe('failed logins', () => {
  async function guess() {
    const waiting: Promise<unknown>[] = []
    const cast = await makeCast({ deps: { waitUntil: (work) => void waiting.push(work) } })
    const fail = async (email: string) => {
      expect((await cast.nobody.post('/auth/login', { email, password: 'a wrong guess' })).status).toBe(401)
      await Promise.all(waiting)
    }
    return { ...cast, fail, waiting }
  }

  test('are one row per account and minute, with a count and never the password', async () => {
    const { advance, amina, bruno, chiara, fail } = await guess()
    for (let n = 0; n < 3; n++) await fail(amina.email)
    await fail(bruno.email)
    advance(50_000)
    await fail(amina.email)
    const rows = await entriesOf(chiara, 'action=login.failed')
    expect(rows.map(({ subject_id, details }) => [subject_id, details.count])).toEqual([
      [bruno.id, 1],
      [amina.id, 4],
    ])
    expect(rows[1]).toMatchObject({
      actor_kind: 'system',
      actor_id: null,
      subject_kind: 'user',
      details: { how: 'login', address: 'local', last_at: '2026-11-23T08:00:50.000Z' },
    })
    expect(JSON.stringify(rows)).not.toContain('wrong guess')
    advance(60_000)
    await fail(amina.email)
    expect(await entriesOf(chiara, `action=login.failed&subject=${amina.id}`)).toHaveLength(2)
  })

  test('of unknown accounts are nobody’s, and a wrong current password is one, too', async () => {
    const { amina, chiara, dario, fail, waiting } = await guess()
    await fail('nobody@example.org')
    expect(await entriesOf(chiara, 'action=login.failed')).toEqual([])
    expect(await entriesOf(dario, 'action=login.failed')).toEqual([])
    const change = { current_password: 'wrong', new_password: password }
    expect((await amina.post('/auth/change-password', change)).status).toBe(400)
    await Promise.all(waiting)
    expect(await entriesOf(chiara, 'action=login.failed')).toMatchObject([
      { subject_id: amina.id, details: { how: 'change-password', count: 1 } },
    ])
  })

  test('that cannot be recorded are still only failed logins', async () => {
    const { amina, deps, fail, lines } = await guess()
    deps.shard = () => brokenDatabase
    await fail(amina.email)
    expect(lines).toContainEqual(expect.objectContaining({ event: 'audit_not_written' }))
  })
})

describe('reading it', () => {
  test('is for admins, who see their own tenant only', async () => {
    const { amina, bruno, chiara, dario, nobody } = await setScene()
    expect((await nobody.get('/audit')).status).toBe(401)
    expect((await amina.get('/audit')).status).toBe(403)
    expect((await bruno.get('/audit')).status).toBe(403)
    const [newest] = await entriesOf(chiara)
    expect(newest).toMatchObject({
      at: '2026-11-23T08:00:00Z',
      action: 'form.published',
      subject_kind: 'form',
      actor_kind: 'user',
      actor_id: bruno.id,
      actor_label: bruno.email,
      user_id: bruno.id,
      user_email: bruno.email,
      device_id: null,
      protocol: 'native',
      details: { version_num: 1 },
    })
    expect(await entriesOf(dario)).toHaveLength(1)
  })

  test('filters by action, actor, subject and time, and pages without losing a row', async () => {
    const { advance, bruno, chiara, form, pair } = await setScene()
    advance(600_000)
    const phone = await pair(bruno)
    expectStatus(200, await phone.get('/mobile/forms'))
    expectStatus(200, await bruno.post(`/forms/${form.id}/archive`))
    const actions = async (query: string) => (await entriesOf(chiara, query)).map(({ action }) => action)
    expect(await actions(`subject=${form.id}`)).toEqual(['form.archived', 'form.published', 'form.created'])
    expect(await actions('action=form.published')).toEqual(['form.published'])
    const ofBruno = await actions(`actor=${bruno.id}`)
    expect(ofBruno).toContain('device.paired')
    expect(ofBruno).not.toContain('user.created')
    const recent = ['form.archived', 'device.paired', 'pairing.created']
    expect(await actions('from=2026-11-23T08:05:00Z')).toEqual(recent)
    expect(await actions('from=2026-11-23T08:10:00Z&to=2026-11-23T08:10:00Z')).toEqual(recent)
    expect(await actions('to=2026-11-23T08:05:00Z')).not.toContain('form.archived')

    const all = await entriesOf(chiara)
    const paged: Entry[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body }: { body: any } = expectStatus(
        200,
        await chiara.get(`/audit?limit=2${cursor && `&cursor=${cursor}`}`),
      )
      paged.push(...body.items)
      expect(body.has_more).toBe(body.cursor !== null)
      cursor = body.cursor
    }
    expect(paged).toEqual(all)
    for (const query of ['cursor=x', 'limit=0', 'from=yesterday', 'to=2026-13-01'])
      expect({ query, status: (await chiara.get(`/audit?${query}`)).status }).toEqual({ query, status: 422 })
  })
})
