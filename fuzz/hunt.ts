// The hunt itself: sends what the arbitraries make, in rounds, on a world that is renewed when it is worn out. What is
// found once is not reported again. Knows nothing of servers: it is given a way to send (over HTTP, or into the app).
import fc from 'fast-check'
import type { Operation } from './document.ts'
import type { FuzzRequest } from './requests.ts'
import { faultIn } from './verdict.ts'
import { type Answer, type Concrete, makeWorld, type Send, type World, writeRequest } from './world.ts'

const ROUND = 100

export interface Finding {
  operation: string
  fault: string
  /** The smallest request found that does it, as it was sent. */
  request: Concrete
  /** For `--replay`: the seed of the round and the path to the request in it. */
  replay: string
}

export interface HuntOptions {
  send: Send
  operations: Operation[]
  requests: fc.Arbitrary<FuzzRequest>
  platformToken: string
  seed: number
  /** So many in all; worlds and shrinking come on top. */
  count: number
  /** Called for each answer. */
  saw: (request: FuzzRequest, answer: Answer) => void
}

/** Two findings are one when operation and fault are the same. */
export const keyOf = ({ operation, fault }: Pick<Finding, 'operation' | 'fault'>): string => `${operation}: ${fault}`

/** Adds to `findings`, which several hunts may share, by `keyOf`. */
export async function hunt(options: HuntOptions, findings: Map<string, Finding>): Promise<void> {
  let world: World | null = null
  for (let sent = 0, round = 0; sent < options.count; sent += ROUND, round++) {
    if (!(await world?.isWhole())) world = await makeWorld(options.send, options.operations, options.platformToken)
    // A finding ends its round: the round goes on with what is known left aside.
    for (let more = true; more; ) {
      const numRuns = Math.min(ROUND, options.count - sent)
      more = await oneRound(options, world!, { seed: options.seed + round * 7_919, numRuns }, findings)
    }
  }
}

/** True when something new was found. */
export async function oneRound(
  { send, operations, requests, saw }: HuntOptions,
  world: World,
  parameters: fc.Parameters<[FuzzRequest]>,
  findings: Map<string, Finding>,
): Promise<boolean> {
  const byId = new Map(operations.map((operation) => [operation.id, operation]))
  let last: { key: string; finding: Finding } | null = null
  const property = fc.asyncProperty(requests, async (request) => {
    const concrete = writeRequest(request, world)
    const answer = await send(concrete)
    saw(request, answer)
    const fault = faultIn(request, answer, byId)
    if (fault === null) return true
    const finding = { operation: request.operation, fault, request: concrete, replay: '' }
    const key = keyOf(finding)
    // Shrinking must stay with the fault it began with.
    if (findings.has(key) || (last && last.key !== key)) return true
    last = { key, finding }
    return false
  })
  const result = await fc.check(property, { ...parameters, endOnFailure: false })
  const found = last as { key: string; finding: Finding } | null
  if (!found) return false
  findings.set(found.key, { ...found.finding, replay: `${result.seed}:${result.counterexamplePath ?? ''}` })
  return true
}
