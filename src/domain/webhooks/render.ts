// The bodies of deliveries that are about to leave: what they tell of is read in one go, and written down by body.ts.
import type { SubmissionId } from '../../lib/ids.ts'
import { getText, sizeOfText } from '../../storage/large-texts.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import { type Claimed, keepBody } from '../../storage/webhook-deliveries.ts'
import { readSubjects, type Subjects, type SubmissionState, type Wanted } from '../../storage/webhook-subjects.ts'
import type { Deps, Route } from '../context.ts'
import { spellLink } from '../links.ts'
import {
  actBody,
  deletionBody,
  MAX_BODY_BYTES,
  mediaBody,
  quarantineBody,
  submissionBody,
  type ToldAnswers,
  testBody,
} from './body.ts'
import { TEST_EVENT } from './events.ts'

/** Deliveries are kept as long; whoever sends one again by hand sends a link that works. */
export const LINK_MS = 30 * 24 * 3_600_000

/** `gone`: what it told of was erased, or deleted with its form. `unsent`: our own storage failed. */
export type Rendered = { kind: 'body'; text: string } | { kind: 'gone' } | { kind: 'unsent'; error: unknown }

export interface RenderOptions {
  route: Route
  /** Where this server is reached from outside: the base of links. */
  base: string
}

/** What makes the bodies of these deliveries, each when its turn comes. Throws when D1 fails. */
export async function prepareBodies(
  deps: Deps,
  db: TenantDb,
  claimed: Claimed[],
  options: RenderOptions,
): Promise<(delivery: Claimed) => Promise<Rendered>> {
  const subjects = await readSubjects(db, wantedBy(claimed))
  return async (delivery) => {
    try {
      const text = await bodyOf(deps, db, delivery, subjects, options)
      return text === null ? { kind: 'gone' } : { kind: 'body', text }
    } catch (error) {
      return { kind: 'unsent', error }
    }
  }
}

const isOf = (kind: string, { event }: Claimed): boolean => event.startsWith(`${kind}.`)
const isAct = (delivery: Claimed): boolean => isOf('form', delivery) || isOf('device', delivery)

function wantedBy(claimed: Claimed[]): Wanted {
  return {
    states: claimed.filter((one) => isOf('submission', one)).map(({ subjectId, revision }) => [subjectId, revision]),
    media: claimed.filter((one) => isOf('media', one)).map(({ subjectId }) => subjectId),
    acts: claimed.filter(isAct).map(({ seq }) => seq),
    quarantined: claimed.filter((one) => isOf('quarantine', one)).map(({ subjectId }) => subjectId),
  }
}

/** Null: there is nothing left to tell of. */
async function bodyOf(
  deps: Deps,
  db: TenantDb,
  delivery: Claimed,
  { states, media, acts, quarantined }: Subjects,
  options: RenderOptions,
): Promise<string | null> {
  const { subjectId, revision } = delivery
  if (delivery.event === TEST_EVENT) return testBody(delivery, subjectId)
  if (isOf('media', delivery)) {
    const file = media.find(({ id }) => id === subjectId)
    return file ? mediaBody(delivery, file) : null
  }
  if (isOf('quarantine', delivery)) {
    const row = quarantined.find(({ id }) => id === subjectId)
    return row ? quarantineBody(delivery, row) : null
  }
  if (isAct(delivery)) {
    const act = acts.find(({ seq }) => seq === delivery.seq)
    return act ? actBody(delivery, act) : null
  }
  const state = states.find((one) => one.id === subjectId && one.revision === revision)
  if (!state) return null
  if (delivery.event === 'submission.deleted') return deletionBody(delivery, state)
  return submissionText(deps, db, delivery, state, options)
}

async function submissionText(
  deps: Deps,
  db: TenantDb,
  delivery: Claimed,
  state: SubmissionState,
  options: RenderOptions,
): Promise<string | null> {
  if (state.data !== null) return submissionBody(delivery, state, { text: state.data })
  if (state.dataKey === null) return null
  const bytes = await sizeOfText(deps.blobs, state.dataKey)
  if (bytes === null) return null
  if (bytes <= MAX_BODY_BYTES) {
    const text = await getText(deps.blobs, state.dataKey)
    return text === null ? null : submissionBody(delivery, state, { text })
  }
  if (delivery.body !== null) return delivery.body
  const body = submissionBody(delivery, state, linkTo(deps, delivery, state, { bytes, ...options }))
  await keepBody(db, options.route.webhookId, delivery.seq, body)
  return body
}

function linkTo(
  { config }: Deps,
  { createdAtMs }: Claimed,
  { id, revision }: SubmissionState,
  { bytes, base, route }: RenderOptions & { bytes: number },
): ToldAnswers {
  const thing = { kind: 'answers', id: id as SubmissionId, revision } as const
  return {
    url: spellLink(config, base, { tenantId: route.tenantId, thing, expiresAtMs: createdAtMs + LINK_MS }),
    bytes,
  }
}
