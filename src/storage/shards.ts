// Which D1 database holds a tenant's data. Shard 0 is `DB` (the directory's own), shard n is the binding `DB_n`.
// A shard is added by adding its binding; nobody is moved.

/** Throws when the shard has no binding: the deployment is incomplete. */
export function shardOf(env: object, shard: number): D1Database {
  const name = shard === 0 ? 'DB' : `DB_${shard}`
  const database = (env as Record<string, unknown>)[name]
  if (!database) throw new Error(`Shard ${shard} is the D1 binding ${name}, which the Worker does not have.`)
  return database as D1Database
}

/** All shards that have a binding, by number. */
export function shardNumbers(env: object): number[] {
  const numbers: number[] = []
  // Inherited bindings count too: an environment may be another one with settings of its own.
  for (const name in env) {
    const match = /^DB_([1-9]\d*)$/.exec(name)
    if (match) numbers.push(Number(match[1]))
  }
  return [0, ...numbers.sort((a, b) => a - b)]
}
