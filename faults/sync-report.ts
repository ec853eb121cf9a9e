// `npm run faults -- sync` on the command line: its options, and what it prints.
import { numbersOf, print, printTroubles, row, type Scenario, tally } from './options.ts'
import { runSync, type SyncReport } from './sync.ts'

export const sync: Scenario = {
  usage: `  --seed N            what the faults, answers and photos are drawn from (default: by the clock)
  --phones N          50
  --submissions N     20000, over all phones
  --photos N          2000, over all phones
  --kills N           20: SIGKILL of workerd and its parent
  --outages N         3: the database fails every call
  --outage-seconds N  3
  --limit-minutes N   30: gives up, and fails`,
  async run(args) {
    const {
      'outage-seconds': outageSeconds,
      'limit-minutes': limitMinutes,
      ...numbers
    } = numbersOf(args, {
      seed: Date.now() % 1_000_000,
      phones: 50,
      submissions: 20_000,
      photos: 2_000,
      kills: 20,
      outages: 3,
      'outage-seconds': 3,
      'limit-minutes': 30,
    })
    print(`seed ${numbers.seed}`)
    const report = await runSync({ ...numbers, outageSeconds, limitMinutes, log: print })
    printReport(report)
    return report.lost.length + report.doubled.length + report.wrong.length === 0
  },
}

function printReport(report: SyncReport): void {
  print('')
  row('acknowledged', report.acknowledged)
  row('stored', report.stored)
  row('lost', report.lost.length)
  row('doubled', report.doubled.length)
  row('photos', `${report.photos}, hashes compared over the API and on the disk`)
  row('quarantined', report.quarantined)
  row('other breaches', report.wrong.length)
  row('wire bytes per submission', Math.round(report.bytesPerSubmission))
  row('wire bytes per photo', Math.round(report.bytesPerPhoto))
  row('seconds of syncing', report.seconds.toFixed(0))
  row('starts', `${report.startsMs.length}, the slowest ${(Math.max(...report.startsMs) / 1000).toFixed(1)} s`)
  row('taken in during outages', report.acknowledgedDuringOutages.join(', ') || 'no outage')
  row('faults of the lines', tally(Object.entries(report.faults)))
  row('answers', tally(report.statuses))
  printTroubles(report.troubles)
  for (const list of [report.lost, report.doubled, report.wrong])
    for (const line of list.slice(0, 20)) print(`  ! ${line}`)
}
