// The queue's consumer: each message is one piece of work, done or tried again by itself. A message is only a hint:
// what there is to do stands in D1, and what is lost here is found by the sweep.
import type { Deps, Job } from '../domain/context.ts'
import { runExportVolume } from '../domain/exports/run-volume.ts'
import { purgeForm } from '../domain/forms/purge.ts'
import { runBulkAction } from '../domain/submissions/bulk-actions.ts'
import { purgeTenant } from '../domain/tenants/purge.ts'
import { expandOutbox } from '../domain/webhooks/expand.ts'

const FIRST_RETRY_SECONDS = 5
const MAX_RETRY_SECONDS = 600

/** Acknowledges each message that is done, and puts back each that failed, later the more often it failed. */
export async function handleBatch(batch: Pick<MessageBatch<Job>, 'messages'>, deps: Deps): Promise<void> {
  let hasMadeVolume = false
  for (const message of batch.messages) {
    // One volume is what one invocation may ask of D1: the next has to be another's.
    const isVolume = message.body.kind === 'export-volume'
    if (isVolume && hasMadeVolume) {
      message.retry({ delaySeconds: 1 })
      continue
    }
    hasMadeVolume ||= isVolume
    try {
      await run(deps, message.body)
      message.ack()
    } catch (error) {
      const { kind } = message.body
      deps.log({ level: 'error', event: 'job_failed', job: kind, attempt: message.attempts, error: String(error) })
      const delaySeconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (message.attempts - 1), MAX_RETRY_SECONDS)
      message.retry({ delaySeconds })
    }
  }
}

function run(deps: Deps, job: Job): Promise<void> {
  switch (job.kind) {
    case 'purge-form':
      return purgeForm(deps, job)
    case 'purge-tenant':
      return purgeTenant(deps, job)
    case 'bulk-action':
      return runBulkAction(deps, job)
    case 'export-volume':
      return runExportVolume(deps, job)
    case 'expand-outbox':
      return expandOutbox(deps, job)
    case 'drain-intake':
      return drainIntake(deps, job.intakeName)
    default:
      // A newer version of the Worker sent it: it stays in the queue until that version runs here.
      throw new Error(`Unknown job ${JSON.stringify(job satisfies never)}`)
  }
}

/** Put back while D1 is away. The object's own alarm does the same: this is for one that was lost. */
async function drainIntake(deps: Deps, intakeName: string): Promise<void> {
  const left = await deps.intake(intakeName).drain()
  if (left > 0) throw new Error(`${left} submissions still wait in ${intakeName}`)
}
