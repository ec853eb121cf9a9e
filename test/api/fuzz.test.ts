// A short hunt of the API fuzzer (fuzz/, `npm run fuzz`) through the application, without a server: the same requests on
// every run. It shows that the fuzzer works and keeps the commonest mistakes out; the long hunt is the command.
import { expect, test } from 'vitest'
import { curlOf } from '../../fuzz/curl.ts'
import { operationsOf } from '../../fuzz/document.ts'
import { type Finding, hunt } from '../../fuzz/hunt.ts'
import { requestsFor } from '../../fuzz/requests.ts'
import { schemaReader } from '../../fuzz/values.ts'
import { faultIn } from '../../fuzz/verdict.ts'
import type { Concrete } from '../../fuzz/world.ts'
import { startApp, textOf } from '../support/app.ts'

const HOST = 'http://fieldpost.test'

function startHunt() {
  const { app, nobody, deps } = startApp({ settings: UNLIMITED })
  const send = async ({ method, path, headers, body }: Concrete) => {
    const request = new Request(HOST + path, { method, headers, body: body as BodyInit | null })
    const response = await app.request(request)
    return {
      status: response.status,
      headers: response.headers,
      text: await textOf(response),
    }
  }
  return { send, nobody, platformToken: deps.config.platformToken! }
}

const UNLIMITED = Object.fromEntries(
  ['RATE_KEY_BURST', 'RATE_DEVICE_BURST', 'RATE_USER_BURST', 'RATE_ADDRESS_BURST', 'LOGIN_PER_MINUTE'].map((name) => [
    name,
    '1000000',
  ]),
)

test('five hundred hostile requests: no 5xx, always the envelope, only statuses of the document', async () => {
  const { send, nobody, platformToken } = startHunt()
  const document = (await nobody.get('/openapi.json')).body
  const operations = operationsOf(document)
  const findings = new Map<string, Finding>()
  const classes = new Set<number>()
  const reached = new Set<string>()
  await hunt(
    {
      send,
      operations,
      requests: requestsFor(operations, schemaReader(document.components.schemas)),
      platformToken,
      seed: 1,
      count: 500,
      saw: ({ operation }, { status }) => {
        classes.add(Math.floor(status / 100))
        if (status < 300) reached.add(operation)
      },
    },
    findings,
  )
  const found = [...findings.values()].map(({ operation, fault, request }) => {
    return `${operation}: ${fault}\n${curlOf(HOST, request)}`
  })
  expect(found).toEqual([])
  // It is not only knocking at doors.
  expect(classes).toContain(2)
  expect(classes).toContain(4)
  expect(reached.size).toBeGreaterThan(operations.length / 2)
})

test('an answer that breaks a promise is found, shrunk and printed as curl', async () => {
  const { send, nobody, platformToken } = startHunt()
  const document = (await nobody.get('/openapi.json')).body
  const operations = operationsOf(document)
  const findings = new Map<string, Finding>()
  // A product with a fault: it breaks over names that are no text.
  const faulty = async (request: Concrete) => {
    const answer = await send(request)
    const isOdd = /"name":[^"]/.test(Buffer.from(request.body ?? []).toString())
    return isOdd ? { ...answer, status: 500 } : answer
  }
  const projects = operations.filter(({ id }) => id === 'createProject')
  const requests = requestsFor(projects, schemaReader(document.components.schemas))
  const options = { send: faulty, operations, requests, platformToken, seed: 3, count: 200, saw: () => {} }
  await hunt(options, findings)
  const finding = findings.get('createProject: answered 500')!
  expect(finding.replay).toMatch(/^-?\d+:[\d:]+$/)
  const curl = curlOf(HOST, finding.request)
  expect(curl).toContain(`'${HOST}/api/v1/projects`)
  // Shrunk: of the body, the part that does it is left, and of the headers those without which nobody is let in.
  expect(curl).toMatch(/-H 'content-type: application\/json' --data-binary '\{"name":null[^']{0,60}\}'$/)
})

test.each([
  ['a 5xx', { status: 503 }, 'answered 503'],
  ['no request id', { headers: new Headers() }, 'no x-request-id'],
  ['a status that the document does not promise', { status: 418 }, '418 is not in the document'],
  ['a stack trace', { status: 404, text: '{"detail":"x\\n","code":"a"}\n    at f (x.ts:1)' }, 'shows our insides'],
  ['an error without the envelope', { status: 404, text: '{"error":"x"}' }, 'an error without the envelope'],
])('the verdict on %s', (_, odd, fault) => {
  const operation = { id: 'getForm', statuses: [200, 404] }
  const request = { operation: 'getForm', method: 'GET', isExact: true }
  const answer = { status: 200, headers: new Headers({ 'x-request-id': 'a' }), text: '{}', ...odd }
  expect(faultIn(request as any, answer, new Map([['getForm', operation as any]]))).toBe(fault)
})
