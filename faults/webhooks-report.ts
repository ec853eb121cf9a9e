// `npm run faults -- webhooks` on the command line: its options, what it prints, and which figures break a promise.
import { numbersOf, print, printTroubles, row, type Scenario } from './options.ts'
import { type ReceiverReport, runWebhooks } from './webhooks.ts'

/** Half of the events must be with a good receiver by then. */
const MAX_MEDIAN_MS = 2_000

export const webhooks: Scenario = {
  usage: `  --seed N            what happens, and which requests fail, is drawn from it (default: by the clock)
  --events N          5000
  --per-second N      40
  --kills N           3: SIGKILL of workerd and its parent
  --limit-minutes N   15: waits no longer for receivers`,
  async run(args) {
    const {
      'per-second': perSecond,
      'limit-minutes': limitMinutes,
      ...numbers
    } = numbersOf(args, {
      seed: Date.now() % 1_000_000,
      events: 5_000,
      'per-second': 40,
      kills: 3,
      'limit-minutes': 15,
    })
    print(`seed ${numbers.seed}`)
    const report = await runWebhooks({ ...numbers, perSecond, limitMinutes, log: print })
    print('')
    print(
      `| receiver | events | in the end reached, lost | before it recovered | requests | twice, in flight at kills | out of order | median delay, p95, longest |`,
    )
    print('|---|---|---|---|---|---|---|---|')
    for (const receiver of report.receivers) print(lineOf(receiver))
    print('')
    row('seconds of events', report.eventSeconds.toFixed(0))
    row('starts', `${report.startsMs.length}, the slowest ${(Math.max(...report.startsMs) / 1000).toFixed(1)} s`)
    printTroubles(report.troubles)
    const breaches = report.receivers.flatMap((receiver) =>
      breachesOf(receiver).map((breach) => `${receiver.name}: ${breach}`),
    )
    row('broken promises', breaches.length)
    for (const breach of breaches.slice(0, 40)) print(`  ! ${breach}`)
    return breaches.length === 0
  },
}

const at = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

function lineOf(receiver: ReceiverReport): string {
  const { delaysMs, stoppedBy } = receiver
  const cells = [
    receiver.name,
    receiver.expected,
    `${receiver.reached}, ${receiver.lost.length}`,
    `${receiver.reachedBeforeRecovery}${stoppedBy === null ? '' : ` (stopped: ${stoppedBy})`}`,
    receiver.requests,
    `${receiver.duplicates}, ${receiver.inFlightAtKills}`,
    receiver.disorder.length,
    [at(delaysMs, 0.5), at(delaysMs, 0.95), delaysMs.at(-1) ?? 0].map(seconds).join(', '),
  ]
  return `| ${cells.join(' | ')} |`
}

function breachesOf({
  lost,
  disorder,
  wrong,
  duplicates,
  inFlightAtKills,
  isGood,
  delaysMs,
}: ReceiverReport): string[] {
  const breaches = [...lost.map((event) => `${event} did not arrive`), ...disorder, ...wrong]
  if (duplicates > inFlightAtKills) breaches.push(`${duplicates} came twice, ${inFlightAtKills} may have`)
  if (isGood && at(delaysMs, 0.5) >= MAX_MEDIAN_MS) breaches.push(`half of the events took ${MAX_MEDIAN_MS} ms or more`)
  return breaches
}
