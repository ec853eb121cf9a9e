// submitMany: the one way in for submissions, whatever the protocol: single, bulk, headless, sync.
// It validates, computes ids, and hands rows to the credential's Intake object; it answers one outcome per item.
// The two rules that must never break: a known id is a duplicate before anything is refused, and nothing that a sync
// client sent is dropped (what can't be stored goes to quarantine, byte for byte).
import type { Fault } from '../../forms/validate.ts'
import { type FormId, type FormVersionId, type SubmissionId, submissionIdOf } from '../../lib/ids.ts'
import { parseIsoTime } from '../../lib/iso-time.ts'
import { findForm } from '../../storage/forms.ts'
import { deleteTexts, largeAnswersKey, putText } from '../../storage/large-texts.ts'
import type { SettledPush } from '../../storage/repositories.ts'
import { encodeRow, type SubmissionRow } from '../../storage/submission-rows.ts'
import { findErasedIds, findKnownIds } from '../../storage/submissions.ts'
import { confirmGrant, confirmSession, refusalOf, rememberGrant } from '../access/authenticate.ts'
import { authorize } from '../access/authorize.ts'
import { intakeNameOfCtx } from '../access/credentials.ts'
import type { Verb } from '../access/permissions.ts'
import type { CachedVersion } from '../caches.ts'
import type { Ctx } from '../context.ts'
import { AppError, errors } from '../errors.ts'
import { liveVersionOf, loadVersion, versionNamed } from '../forms/versions.ts'
import { reach, shardName } from '../reach.ts'
import { examineCollected } from './examine.ts'
import type { IntakeAnswer, IntakeRequest, RateState, RowHeader, RowOutcome } from './intake-port.ts'
import {
  type IntakeItem,
  type Issue,
  MAX_INLINE_BYTES,
  MAX_SUBMISSION_BYTES,
  type Outcome,
  type SubmissionItem,
  type SubmitResult,
} from './model.ts'
import { keepInQuarantine, type QuarantinePayload } from './quarantine.ts'

export interface SubmitOptions {
  verb: Verb
  /**
   * `refuse`: somebody is there who can correct the answers, so faults are rejected. `flag`: a phone hands over its
   * queue, so faulty answers are stored with issues, and what can't be stored goes to quarantine.
   */
  onFaults: 'refuse' | 'flag'
  /** The item's bytes as they came, for quarantine; called only when needed. Null: they are kept there already. */
  rawOf: ((index: number) => string) | null
  /** What becomes of an item whose id is known: see `RowHeader.onKnown`. */
  onKnown?: RowHeader['onKnown']
  within?: RowHeader['within']
  /** A name for this very request and all it holds, where the protocol has one. */
  requestKey?: string
  /** Of `replace`: ids that were there a moment ago. */
  expected?: SubmissionId[]
  /** Written down with the rows, if nothing was refused before. */
  settle?: SettledPush
  /** Whose submissions these are, where that is not the caller: a replay is made for the one who sent it first. */
  author?: SubmissionAuthor
}

export type SubmissionAuthor = Pick<
  RowHeader,
  'actorKind' | 'actorId' | 'userId' | 'deviceId' | 'submittedByLabel' | 'mode' | 'protocol'
>

/** Nothing was written: what `settle` assumes is not so, or nobody could say. The caller reads, and submits once more. */
export class AssumptionWrong extends Error {}

/** A clock that is ahead by more than this is worth a remark. */
const CLOCK_TOLERANCE_MS = 10 * 60_000

/** An item on its way. */
interface Candidate {
  index: number
  id: SubmissionId
  localUuid: string
  /** The form that was meant, where the item named no version. */
  liveOf: FormId | null
  row: SubmissionRow
  issues: Issue[]
}

interface Refusal {
  index: number
  id: SubmissionId | null
  localUuid: string | null
  error: AppError
}

/**
 * Throws only for the request as a whole: 401, 429, `unavailable`. While D1 is away, items whose form version the caller's
 * Intake object knows are kept there and count as created; if any item can't be judged without D1, nothing is taken.
 */
export async function submitMany(ctx: Ctx, items: IntakeItem[], options: SubmitOptions): Promise<SubmitResult> {
  authorize(ctx, options.verb)
  const outcomes: Outcome[] = new Array(items.length)
  const candidates: Candidate[] = []
  const refusals: Refusal[] = []
  for (const [index, item] of items.entries()) {
    const judged = await judge(ctx, item, index, options)
    if ('error' in judged) refusals.push(judged)
    else candidates.push(judged)
  }

  // Before anything is written: what can't be judged now would leave the request half done.
  const known = await findKnown(ctx, refusals, options)
  await moveLargeAnswers(ctx, candidates)
  // What was refused must be in quarantine before the request counts as settled.
  const settle = refusals.length === 0 ? options.settle : undefined
  if (options.settle && options.settle.assumedGeneration !== null && !settle) throw new AssumptionWrong()
  const committed =
    candidates.length > 0 ? await commit(ctx, candidates, { ...options, settle }) : await confirmOnly(ctx, refusals)
  if (committed === 'again') return submitMany(ctx, items, options)
  const unused: Candidate[] = []
  const unstorable: Refusal[] = []
  for (const [position, candidate] of candidates.entries()) {
    const { id, localUuid, issues, index } = candidate
    const outcome = committed.outcomes[position]!
    const isStored = outcome.kind === 'created' || outcome.kind === 'updated'
    if (isStored) outcomes[index] = { kind: outcome.kind, id, localUuid, issues }
    if (!isStored || committed.isReplay) unused.push(candidate)
    if (outcome.kind === 'duplicate' || outcome.kind === 'unchanged')
      outcomes[index] = { kind: outcome.kind, id, localUuid }
    if (outcome.kind === 'refused') {
      const error = errors.itemInvalid(`The database cannot keep this submission: ${outcome.reason}`)
      unstorable.push({ index, id, localUuid, error })
    } else if (options.onKnown !== 'replace') known.add(id)
  }
  await dropLargeAnswers(ctx, unused)
  for (const id of await findKnown(ctx, unstorable, options)) known.add(id)
  await settleRefusals(ctx, [...refusals, ...unstorable], known, outcomes, options)
  return { outcomes, rate: committed.rate, cursorSeq: committed.cursorSeq }
}

/** Everything about one item that needs no write. */
async function judge(ctx: Ctx, item: IntakeItem, index: number, options: SubmitOptions): Promise<Candidate | Refusal> {
  const localUuid = item.localUuid ?? null
  const id = localUuid === null ? null : submissionIdOf(ctx.tenant.id, localUuid)
  const refuse = (error: AppError): Refusal => ({ index, id, localUuid, error })
  if (item.kind === 'unreadable') return refuse(errors.itemInvalid(item.message))

  const found = await findVersion(ctx, item)
  if (found instanceof AppError) return refuse(found)
  const { formId, version } = found
  if (version && !version.published && modeOf(ctx, options) === 'live')
    return refuse(errors.versionUnpublished(version.id))

  const collected = item.collectedAt === null ? null : parseIsoTime(item.collectedAt)
  // Of what is deleted, nothing needs to be right any more.
  const examined =
    version && !item.deleted ? examineCollected(version.form, item.data, collected) : { faults: [], issues: [] }
  if (examined.faults.length > 0 && options.onFaults === 'refuse') return refuse(answersInvalid(examined.faults))
  const issues: Issue[] = [...examined.faults, ...examined.issues]
  if (item.collectedAt !== null && !collected)
    issues.push({
      path: 'collected_at',
      code: 'type',
      message: `The time of collection can't be read: ${item.collectedAt}`,
    })
  if (collected && collected.ms > ctx.nowMs + CLOCK_TOLERANCE_MS)
    issues.push({
      path: 'collected_at',
      code: 'future',
      message: "The device's clock was ahead: collected in the future.",
    })

  const data = JSON.stringify(item.data)
  const dataBytes = Buffer.byteLength(data, 'utf8')
  if (dataBytes > MAX_SUBMISSION_BYTES) return refuse(errors.bodyTooLarge(MAX_SUBMISSION_BYTES))
  const name = localUuid ?? ctx.deps.newId<SubmissionId>()
  const known = id ?? submissionIdOf(ctx.tenant.id, name)
  return {
    index,
    id: known,
    localUuid: name,
    liveOf: 'versionId' in item.target || !version ? null : item.target.formId,
    issues,
    row: {
      id: known,
      formId,
      formVersionId: version?.id ?? null,
      localUuid: name,
      submittedAtMs: ctx.nowMs,
      dataBytes,
      data,
      collectedAtMs: collected?.ms ?? null,
      collectedOffsetMin: collected?.offsetMin ?? null,
      issues: issues.length > 0 ? JSON.stringify(issues) : null,
      reportedDeviceId: item.reportedDeviceId,
      dataKey: null,
      deviceClockMs: null,
      versionLabel: labelOf(item, version),
      dataKind: null,
      extras: item.extras ?? null,
      deleted: item.deleted ? 1 : null,
    },
  }
}

interface FoundVersion {
  formId: FormId
  /** Null where nothing is said about the answers. */
  version: CachedVersion | null
}

async function findVersion(ctx: Ctx, { target }: SubmissionItem): Promise<FoundVersion | AppError> {
  if ('versionId' in target) {
    const version = await loadVersion(ctx, target.versionId)
    if (!version || !reachable(ctx, version)) return errors.versionUnknown(target.versionId)
    if (target.formId !== null && target.formId !== version.formId)
      return errors.versionOfOtherForm(target.versionId, target.formId)
    return { formId: version.formId, version }
  }
  const { formId } = target
  if ('versionLabel' in target)
    return { formId, version: target.untyped ? null : await versionNamed(ctx, formId, target.versionLabel) }
  const version = await liveVersionOf(ctx, formId)
  if (version) return reachable(ctx, version) ? { formId, version } : errors.formNotFound()
  return (await findForm(ctx.db, formId)) ? errors.formUnpublished() : errors.formNotFound()
}

/** What the client called the version, unless our own number says the same. */
function labelOf({ target }: SubmissionItem, version: CachedVersion | null): string | null {
  if (!('versionLabel' in target)) return null
  return version && String(version.versionNum) === target.versionLabel ? null : target.versionLabel
}

/** A key that is limited to a project sees no other. */
const reachable = ({ actor }: Ctx, version: CachedVersion): boolean =>
  actor.kind !== 'key' || actor.projectId === null || actor.projectId === version.projectId

function answersInvalid(faults: Fault[]): AppError {
  const messages = faults.map((fault) => fault.message)
  return errors.answersInvalid(messages)
}

/** Test devices write test data, everybody else live data. */
const modeOf = ({ actor }: Ctx, { author }: Pick<SubmitOptions, 'author'> = {}): 'live' | 'test' =>
  author?.mode ?? (actor.kind === 'device' ? actor.mode : 'live')

/** Puts answers that are too large for a row into R2, before the row that names them. */
async function moveLargeAnswers(ctx: Ctx, candidates: Candidate[]): Promise<void> {
  for (const { row, id } of candidates) {
    if (row.dataBytes <= MAX_INLINE_BYTES) continue
    // A key of its own per arrival: the object of a stored row is never written again.
    const key = largeAnswersKey(ctx.tenant.id, id, ctx.deps.newId())
    try {
      await putText(ctx.deps.blobs, key, row.data!)
    } catch (error) {
      throw errors.storageUnavailable(error)
    }
    row.dataKey = key
    row.data = null
  }
}

/** Only for candidates that are known not to be stored: after an unclear failure the object may have its row. */
async function dropLargeAnswers(ctx: Ctx, candidates: Candidate[]): Promise<void> {
  const keys = candidates.flatMap(({ row }) => (row.dataKey === null ? [] : [row.dataKey]))
  if (keys.length > 0) await deleteTexts(ctx.deps.blobs, keys)
}

interface Committed {
  outcomes: RowOutcome[]
  cursorSeq: number | null
  isReplay: boolean
  rate: RateState | null
}

/** `again`: the credential allows something else now than this isolate remembered; judge the items anew. */
async function commit(ctx: Ctx, candidates: Candidate[], options: SubmitOptions): Promise<Committed | 'again'> {
  const { deps, proof, nowMs, tenant } = ctx
  const remembered = proof && deps.caches.grants.get(proof.secretHash, nowMs)
  const intakeName = intakeNameOfCtx(ctx)
  const answer: IntakeAnswer = await deps.intake(intakeName).submit({
    intakeName,
    check: proof && { proof, nowMs, appVersion: ctx.appVersion, stamp: remembered?.stamp ?? '' },
    session: sessionOf(ctx),
    header: { ...headerOf(ctx, options), ...options.author },
    dataEpoch: tenant.dataEpoch,
    requestKey: options.requestKey ?? null,
    expected: options.expected ?? [],
    settle: options.settle ?? null,
    versions: versionsOf(candidates),
    ids: candidates.map(({ id }) => id),
    rows: candidates.map(({ row }) => encodeRow(row)),
  })
  if (answer.ok) {
    ctx.db.sawBookmark(answer.bookmark)
    ctx.db.noteOutbox(answer.outbox)
    return answer
  }
  if (answer.code !== 'unavailable') await dropLargeAnswers(ctx, candidates)
  if (answer.code === 'stale_session') await confirmSession(ctx)
  // Whose session was remembered has assumed as much.
  if (answer.code === 'assumption_wrong' || answer.code === 'stale_session') throw new AssumptionWrong()
  if (answer.code === 'stale_grant' && proof) {
    rememberGrant(deps, proof, answer.grant, answer.stamp, nowMs)
    ctx.actor = answer.grant.actor
    ctx.tenant = answer.grant.tenant
    authorize(ctx, options.verb)
    return 'again'
  }
  if (answer.code === 'invalid' && proof) deps.caches.grants.delete(proof.secretHash)
  if (answer.code === 'stale_grant' || !proof) throw errors.unavailable()
  throw refusalOf(proof, answer)
}

function sessionOf({ actor, tenant, nowMs, vouched, unconfirmed }: Ctx): IntakeRequest['session'] {
  if (actor.kind !== 'user') return null
  if (unconfirmed !== undefined) return { id: actor.sessionId, checkedAtMs: unconfirmed }
  return vouched ? null : { grant: { tenant, actor }, checkedAtMs: nowMs }
}

/** Nothing to write, but something to keep or to tell: the credential must be good for that, too. */
async function confirmOnly(ctx: Ctx, refusals: Refusal[]): Promise<Committed> {
  if (refusals.length === 0 || !ctx.proof) return { outcomes: [], cursorSeq: null, isReplay: false, rate: null }
  const { rate } = await confirmGrant(ctx.deps, ctx.proof, { nowMs: ctx.nowMs, appVersion: ctx.appVersion })
  return { outcomes: [], cursorSeq: null, isReplay: false, rate }
}

/** The versions that were used, each once. */
function versionsOf(candidates: Candidate[]): IntakeRequest['versions'] {
  const used = new Map<string, IntakeRequest['versions'][number]>()
  for (const { row, liveOf } of candidates) {
    const id = row.formVersionId as FormVersionId | null
    if (id !== null && !used.has(id)) used.set(id, { id, liveOf })
  }
  return [...used.values()]
}

function headerOf(ctx: Ctx, { onKnown = 'ignore', within }: SubmitOptions): RowHeader {
  const { actor, tenant, protocol } = ctx
  const base = { tenantId: tenant.id, shard: tenant.shard, protocol, mode: modeOf(ctx), onKnown, within }
  switch (actor.kind) {
    case 'user':
      return {
        ...base,
        actorKind: 'user',
        actorId: actor.userId,
        userId: actor.userId,
        deviceId: null,
        submittedByLabel: actor.email ?? actor.username ?? null,
      }
    case 'device':
      return {
        ...base,
        actorKind: 'device',
        actorId: actor.deviceId,
        userId: actor.userId,
        deviceId: actor.deviceId,
        submittedByLabel: actor.email ?? actor.username ?? null,
      }
    case 'key':
      return { ...base, actorKind: 'key', actorId: actor.keyId, userId: null, deviceId: null, submittedByLabel: null }
  }
}

/** Which of the refused ids are known. Throws `unavailable` when D1 is away and the Intake object does not know them
 *  all: the others might be replays, which are never refused, and could not be put into quarantine. */
async function findKnown(ctx: Ctx, refusals: Refusal[], options: SubmitOptions): Promise<Set<SubmissionId>> {
  const ids = refusals.flatMap(({ id }) => (id === null ? [] : [id]))
  if (refusals.length === 0) return new Set()
  // Where a known id is a change, a faulty one is no duplicate; but of what is erased nothing is kept, faulty or not.
  if (options.onKnown === 'replace') return findErasedIds(ctx.db, ids)
  const read = await reach(ctx.deps, shardName(ctx.tenant.shard), () => findKnownIds(ctx.db, ids))
  if (read.reached) return read.value
  const known = await ctx.deps.intake(intakeNameOfCtx(ctx)).knownIds(ids, ctx.tenant.dataEpoch)
  if (refusals.some(({ id }) => id === null || !known.includes(id))) throw errors.unavailable(read.cause)
  return new Set(known as SubmissionId[])
}

/** A known id is a duplicate whatever is wrong with what came; the rest is quarantined or rejected. */
async function settleRefusals(
  ctx: Ctx,
  refusals: Refusal[],
  known: ReadonlySet<SubmissionId>,
  outcomes: Outcome[],
  options: SubmitOptions,
): Promise<void> {
  const kept: QuarantinePayload[] = []
  for (const { index, id, localUuid, error } of refusals) {
    if (id !== null && localUuid !== null && known.has(id)) {
      outcomes[index] = { kind: 'duplicate', id, localUuid }
    } else if (options.onFaults === 'flag' && options.rawOf) {
      kept.push({ raw: options.rawOf(index), error, submissionId: id })
      outcomes[index] = { kind: 'quarantined', localUuid, error }
    } else {
      outcomes[index] = { kind: 'rejected', localUuid, error }
    }
  }
  if (kept.length > 0) await keepInQuarantine(ctx, kept)
}
