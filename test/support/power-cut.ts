// Dependencies whose storage stops working after so many operations: what the process leaves when it ends there. Nothing
// works afterwards either, so whatever cleans up after a failure does not get to it.
import type { Deps } from '../../src/domain/context.ts'

const OPERATIONS = ['batch', 'all', 'run', 'first', 'raw', 'put', 'get', 'delete', 'list', 'createMultipartUpload']
/** These hand out something that does operations itself. */
const MAKERS = ['withSession', 'prepare', 'bind']

export function powerCutAfter(deps: Deps, operations: number): { deps: Deps; wasCut: () => boolean } {
  let left = operations
  let cut = false
  const bare = new WeakMap<object, object>()
  const guard = <T extends object>(target: T): T => {
    const guarded = new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (OPERATIONS.includes(String(name)) && left-- <= 0) {
            cut = true
            return Promise.reject(new Error('power cut'))
          }
          // A batch takes statements as they are.
          const own =
            name === 'batch' ? [(args[0] as object[]).map((statement) => bare.get(statement) ?? statement)] : args
          const result = Reflect.apply(value, object, own)
          return MAKERS.includes(String(name)) ? guard(result as object) : result
        }
      },
    })
    bare.set(guarded, target)
    return guarded
  }
  return {
    wasCut: () => cut,
    deps: { ...deps, shard: (n) => guard(deps.shard(n)), blobs: guard(deps.blobs), log: () => undefined },
  }
}
