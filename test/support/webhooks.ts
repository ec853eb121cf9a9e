// Webhooks in tests of the logic: the queue and the couriers stand still until the test moves them, the clock is the
// test's, and the receiver is a function. A real receiver, in a process of its own, is receiver.ts.
import { afterEach, vi } from 'vitest'
import type { Job, Route } from '../../src/domain/context.ts'
import { deliverDue } from '../../src/domain/webhooks/deliver.ts'
import { type Caller, type Cast, expectStatus, makeCast, type StartOptions } from './app.ts'
import { NOTE_FORM, type PublishedForm, publishForm } from './forms.ts'
import { runJobs } from './full-form.ts'

export interface Received {
  url: string
  headers: Headers
  /** As the receiver sees it. */
  text: string
  body: any
  atMs: number
}

export interface HookStage extends Cast {
  form: PublishedForm
  jobs: Job[]
  /** Of the webhooks whose courier was woken. */
  routes: Map<string, Route>
  received: Received[]
  /** How the receiver answers from now on; by default 204. */
  answer(how: (request: Received) => Response | Promise<Response>): void
  /** A hook on the form, by Bruno, unless said. */
  addHook(body?: Record<string, unknown>, by?: Caller): Promise<any>
  /** Lets the queue and all couriers do what there is to do now. Returns what arrived meanwhile. */
  deliver(): Promise<Received[]>
  /** The events that arrived, in their order. */
  events(): string[]
}

export const HOOK_URL = 'https://hooks.example.org/fieldpost'

afterEach(() => {
  vi.restoreAllMocks()
})

export async function startWithHooks({ deps, ...options }: StartOptions = {}): Promise<HookStage> {
  const jobs: Job[] = []
  const routes = new Map<string, Route>()
  const cast = await makeCast({
    ...options,
    deps: {
      sendJob: async (job) => {
        jobs.push(job)
      },
      courier: () => ({
        wake: async (route) => {
          routes.set(route.webhookId, route)
        },
      }),
      ...deps,
    },
  })
  const form = await publishForm(cast.bruno, NOTE_FORM)
  const received: Received[] = []
  let answer: (request: Received) => Response | Promise<Response> = () => new Response(null, { status: 204 })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const text = await request.clone().text()
    const { url, headers } = request
    const taken = { url, headers, text, body: JSON.parse(text), atMs: cast.now() }
    received.push(taken)
    return answer(taken)
  })
  const stage: HookStage = {
    ...cast,
    form,
    jobs,
    routes,
    received,
    answer: (how) => {
      answer = how
    },
    addHook: async (body = {}, by = cast.bruno) =>
      expectStatus(201, await by.post(`/forms/${form.id}/webhooks`, { url: HOOK_URL, ...body })).body,
    async deliver() {
      const before = received.length
      await runJobs(stage.deps, jobs)
      for (const route of routes.values()) await deliverDue(stage.deps, route)
      return received.slice(before)
    },
    events: () => received.map(({ body }) => body.type),
  }
  return stage
}
