// The Intake objects as tests reach them: by the name of their credential.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { IntakeRequest } from '../../src/domain/submissions/intake-port.ts'
import { submissionIdOf, type TenantId } from '../../src/lib/ids.ts'
import { encodeRow } from '../../src/storage/submission-rows.ts'
import type { Cast } from './app.ts'
import type { PublishedForm } from './forms.ts'

export const intakeStub = (name: string) => env.INTAKE.get(env.INTAKE.idFromName(name))

export const evict = (name: string) => evictDurableObject(intakeStub(name))

/** Ends the object at once, whatever it is doing; the next call starts it anew from what it has written. */
export const kill = (name: string): Promise<unknown> =>
  runInDurableObject(intakeStub(name), (_, state) => state.abort('killed by the test')).catch(() => undefined)

/** False when no alarm was set. */
export const ring = (name: string) => runDurableObjectAlarm(intakeStub(name))

/** A question to the object's own SQLite. */
export const askObject = <Row extends Record<string, SqlStorageValue>>(name: string, sql: string): Promise<Row[]> =>
  runInDurableObject(intakeStub(name), (_, state) => state.storage.sql.exec<Row>(sql).toArray())

export const storedIds = async (): Promise<string[]> =>
  (await env.DB.prepare('SELECT id FROM submissions ORDER BY seq').all<{ id: string }>()).results.map(({ id }) => id)

export const tenantIdOf = async (cast: Cast): Promise<TenantId> =>
  (await cast.chiara.get('/auth/me')).body.tenant_id as TenantId

export interface RowOptions {
  note?: string
  arrivedAtMs?: number
}

/** What the Worker sends for Amina's submissions: rows that it has judged already. */
export function requestFor(
  cast: Cast,
  form: PublishedForm,
  tenantId: TenantId,
  localUuids: string[],
  { note = 'owl', arrivedAtMs = cast.now() }: RowOptions = {},
): IntakeRequest {
  const ids = localUuids.map((name) => submissionIdOf(tenantId, name))
  const data = JSON.stringify({ note })
  return {
    intakeName: `user:${cast.amina.id}`,
    check: null,
    session: null,
    dataEpoch: 1,
    requestKey: null,
    expected: [],
    versions: [],
    header: {
      tenantId,
      shard: 0,
      actorKind: 'user',
      actorId: cast.amina.id,
      userId: cast.amina.id,
      deviceId: null,
      protocol: 'native',
      submittedByLabel: 'amina@example.org',
      mode: 'live',
      onKnown: 'ignore',
    },
    ids,
    rows: ids.map((id, i) =>
      encodeRow({
        id,
        formId: form.id,
        formVersionId: form.versionId,
        localUuid: localUuids[i]!,
        submittedAtMs: arrivedAtMs,
        dataBytes: data.length,
        data,
        collectedAtMs: null,
        collectedOffsetMin: null,
        issues: null,
        reportedDeviceId: null,
        dataKey: null,
        deviceClockMs: null,
        versionLabel: null,
        dataKind: null,
        extras: null,
        deleted: null,
      }),
    ),
  }
}
