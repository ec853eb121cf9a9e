// 54 interviews with an earlier version of the WHO questionnaire, handed over by a phone in one batch: all are kept, and
// every issue can be explained from the two versions. Runs where FIELDPOST_SAMPLES names the folder that holds them.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { everyField } from '../../src/forms/uids.ts'
import { expectStatus, makeCast } from '../support/app.ts'
import { FORM_TYPE, filePart, formBody, textPart } from '../support/media.ts'
import { readInterviews } from '../support/who-va.ts'

const { WHO_FORM, WHO_INTERVIEWS } = env as { WHO_FORM?: string; WHO_INTERVIEWS?: string }
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

const NEW_HERE = 'This version asks it, and requires it; the version of the interviews had no such question.'
const NOW_COMPUTED = 'Asked then; this version computes it from the question …_a, which the interviews do not have.'

/** Why an issue is there, by code and question. */
const EXPLANATIONS: Record<string, string> = {
  'required locator_filenum': NEW_HERE,
  'required consent_filenum': NEW_HERE,
  'required Id10476': 'The narrative is blank in every exported interview; this version requires it.',
  'required Id10476_image': NEW_HERE,
  'required Id10052_a': NEW_HERE,
  'required Id10055_a': NEW_HERE,
  'required Id10057_a': NEW_HERE,
  'calculation Id10052': NOW_COMPUTED,
  'calculation Id10055': NOW_COMPUTED,
  'calculation Id10057': NOW_COMPUTED,
  'option Id10010': 'The name of the interviewer was free text then; this version has a list of names.',
  'option Id10053': 'The ethnic group was free text then; this version has a list.',
  'option Id10173_a': "'wheezing' was an option then; this version has yes, no, don't know and refused.",
}

test.skipIf(!WHO_FORM)('the interviews come home, and every issue has its reason (FIELDPOST_SAMPLES)', async () => {
  const { bruno, pair } = await makeCast()
  const project = expectStatus(201, await bruno.post('/projects', { name: 'Verbal autopsy' })).body.id
  const body = formBody([textPart('project_id', project), filePart(bytesOf(WHO_FORM!), 'form.xlsx')])
  const headers = { 'content-type': FORM_TYPE }
  const form = expectStatus(201, await bruno.request('POST', '/forms/import', { body, headers })).body
  const { version_id, warnings } = expectStatus(200, await bruno.post(`/forms/${form.id}/publish`)).body
  expect(warnings).toHaveLength(4)
  const { schema } = expectStatus(200, await bruno.get(`/forms/${form.id}`)).body
  const { interviews } = readInterviews(bytesOf(WHO_INTERVIEWS!), everyField(schema.fields))

  const phone = await pair(bruno)
  const items = interviews.map(({ data, collectedAt }, index) => ({
    form_version_id: version_id,
    local_uuid: `interview-${index}`,
    data,
    collected_at: collectedAt,
  }))
  const { accepted, errors } = expectStatus(200, await phone.post('/submissions/bulk', items)).body
  expect([accepted.length, errors]).toEqual([54, []])

  const issues = accepted.flatMap((item: any) => item.issues ?? []) as { path: string; code: string }[]
  const kinds = new Map<string, number>()
  for (const { code, path } of issues) kinds.set(`${code} ${path}`, (kinds.get(`${code} ${path}`) ?? 0) + 1)
  print(
    interviews.map(({ data }) => data),
    issues,
    kinds,
  )
  expect([...kinds.keys()].sort()).toEqual(Object.keys(EXPLANATIONS).sort())

  const read = expectStatus(200, await bruno.get(`/submissions?form_id=${form.id}&limit=100`)).body
  expect(read).toHaveLength(54)
})

/** For each question how many of its answers validate, then why the others do not. */
function print(answers: Record<string, unknown>[], issues: { path: string }[], kinds: Map<string, number>): void {
  const given = new Map<string, number>()
  for (const data of answers) for (const id of Object.keys(data)) given.set(id, (given.get(id) ?? 0) + 1)
  const flawed = new Map<string, number>()
  for (const { path } of issues) flawed.set(path, (flawed.get(path) ?? 0) + 1)
  const cells = [...given].map(([id, count]) =>
    `${id} ${count - Math.min(count, flawed.get(id) ?? 0)}/${count}`.padEnd(28),
  )
  const lines = Array.from({ length: Math.ceil(cells.length / 5) }, (_, row) =>
    cells.slice(row * 5, row * 5 + 5).join(''),
  )
  const total = [...given.values()].reduce((sum, count) => sum + count, 0)
  console.log(
    [
      `${answers.length} interviews, ${given.size} questions, ${total} answers. Of each question, answers that validate:`,
      ...lines,
      `${issues.length} issues:`,
      ...[...kinds].map(
        ([kind, count]) => `${String(count).padStart(3)} ${kind.padEnd(26)} ${EXPLANATIONS[kind] ?? '?'}`,
      ),
    ].join('\n'),
  )
}
