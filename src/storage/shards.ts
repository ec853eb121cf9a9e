// Which D1 database holds a tenant's data. Shard 0 is `DB` (the directory's own), shard n is the binding `DB_n`.
// A shard is added by adding its binding; nobody is moved.

/** Throws when a tenant's row names a shard that has no binding: the deployment is incomplete. */
export function shardOf(env: object, shard: number): D1Database {
  const name = shard === 0 ? 'DB' : `DB_${shard}`
  const database = (env as Record<string, unknown>)[name]
  if (!database) throw new Error(`The tenant's data is in ${name}, but the Worker has no such D1 binding.`)
  return database as D1Database
}

/** All shards that have a binding, by number. */
export function shardNumbers(env: object): number[] {
  const numbers = Object.keys(env).flatMap((name) => {
    const match = /^DB_([1-9]\d*)$/.exec(name)
    return match ? [Number(match[1])] : []
  })
  return [0, ...numbers.sort((a, b) => a - b)]
}
