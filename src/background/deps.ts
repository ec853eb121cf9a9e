// From the Worker's bindings to the domain's dependencies. Built once per isolate and environment.
import { waitUntil } from 'cloudflare:workers'
import { createCaches } from '../domain/caches.ts'
import { parseConfig } from '../domain/config.ts'
import type { Deps } from '../domain/context.ts'
import { watchCommits } from '../storage/commits.ts'
import { openDirectory } from '../storage/directory.ts'
import { shardNumbers, shardOf } from '../storage/shards.ts'
import { openLive } from './live/listening.ts'

const built = new WeakMap<object, Deps>()

/** Throws when a variable or secret is missing or wrong. */
export function depsOf(env: Env): Deps {
  const known = built.get(env)
  if (known) return known
  const deps = buildDeps(env)
  built.set(env, deps)
  return deps
}

/** Fresh dependencies with empty caches, for tests that start the application anew. */
export function buildDeps(env: Env): Deps {
  const config = parseConfig(env)
  // A wrong setting shall stop the Worker at its start, not the first operator who creates a tenant.
  shardOf(env, config.newTenantShard)
  const log: Deps['log'] = (line) => console.log(JSON.stringify(line))
  const clock = () => Date.now()
  const { live, committed } = openLive(env.LIVE, { clock, log, waitUntil })
  return {
    directory: openDirectory(env.DB),
    shard: (shard) => watchCommits(shardOf(env, shard), committed),
    shards: shardNumbers(env),
    blobs: env.MEDIA,
    sendJob: async (job) => {
      await env.JOBS.send(job)
    },
    intake: (name) => env.INTAKE.get(env.INTAKE.idFromName(name)),
    limiter: (name) => env.LIMITER.get(env.LIMITER.idFromName(name)),
    live,
    courier: (webhookId) => env.COURIER.get(env.COURIER.idFromName(webhookId)),
    clock,
    newId: <Id extends string>() => crypto.randomUUID() as unknown as Id,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    fetch: (input, init) => fetch(input, init),
    log,
    waitUntil,
    config,
    caches: createCaches(),
  }
}
