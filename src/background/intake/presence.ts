// When a credential was last seen, and what a device says it still holds. The directory hears of it at most once a
// minute; the object itself remembers the rest.
import type { CredentialProof, Deps, EpochMs } from '../../domain/context.ts'
import type { CredentialCheck, DeviceReport, Presence } from '../../domain/submissions/intake-port.ts'
import { touchDevice, touchKey } from '../../storage/access.ts'

const WRITE_EVERY_MS = 60_000

interface Kept {
  lastSeenAtMs: EpochMs
  appVersion: string | null
}

export class PresenceMemory {
  readonly #deps: Deps
  readonly #state: DurableObjectState
  #seen: Kept | null
  #writtenAtMs: EpochMs
  #credential: CredentialProof['credential'] | null = null

  constructor(deps: Deps, state: DurableObjectState) {
    this.#deps = deps
    this.#state = state
    this.#seen = state.storage.kv.get<Kept>('seen') ?? null
    this.#writtenAtMs = this.#seen?.lastSeenAtMs ?? 0
  }

  note({ proof, nowMs, appVersion }: CredentialCheck): void {
    this.#credential = proof.credential
    const told = appVersion !== null && appVersion !== this.#seen?.appVersion
    this.#seen = { lastSeenAtMs: nowMs, appVersion: appVersion ?? this.#seen?.appVersion ?? null }
    if (!told && nowMs - this.#writtenAtMs < WRITE_EVERY_MS) return
    this.#writtenAtMs = nowMs
    this.#write(this.#seen)
  }

  keepReport(report: DeviceReport): void {
    const { appVersion, reportedAtMs } = report
    if (appVersion !== null && appVersion !== this.#seen?.appVersion) {
      this.#seen = { lastSeenAtMs: reportedAtMs, appVersion }
      this.#write(this.#seen)
    }
    this.#state.storage.kv.put('report', report)
  }

  tell(waitingHere: number): Presence {
    return {
      lastSeenAtMs: this.#seen?.lastSeenAtMs ?? null,
      appVersion: this.#seen?.appVersion ?? null,
      report: this.#state.storage.kv.get<DeviceReport>('report') ?? null,
      waitingHere,
    }
  }

  #write(seen: Kept): void {
    this.#state.storage.kv.put('seen', seen)
    const credential = this.#credential
    if (!credential) return
    const { lastSeenAtMs, appVersion } = seen
    const touched =
      credential.kind === 'device'
        ? touchDevice(this.#deps.directory, credential.id, lastSeenAtMs, appVersion)
        : touchKey(this.#deps.directory, credential.id, lastSeenAtMs)
    // Presence is a courtesy: it must not fail or delay the request that told of it.
    this.#state.waitUntil(
      touched.catch((error) => this.#deps.log({ level: 'warn', event: 'presence_not_written', error: String(error) })),
    )
  }
}
