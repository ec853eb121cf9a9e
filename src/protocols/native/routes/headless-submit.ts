// One submission with an API key: sensors, scripts, other servers. Source: contracts/native.md, section 14.
import { z } from '@hono/zod-openapi'
import { AppError } from '../../../domain/errors.ts'
import { MAX_NAME_CHARS, MAX_SUBMISSION_BYTES } from '../../../domain/submissions/model.ts'
import { submitMany } from '../../../domain/submissions/submit.ts'
import type { FormId } from '../../../lib/ids.ts'
import { setRateHeaders } from '../auth.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { bodyId, isoTimeParam } from '../params.ts'

const Answers = z.record(z.string(), z.unknown())

const HeadlessBody = z
  .object({
    form_id: bodyId<FormId>(),
    data_json: Answers.optional().meta({ description: 'Answers by field id', example: { temperature: 21.5 } }),
    data: Answers.optional().meta({ description: 'Alias of data_json' }),
    collected_at: isoTimeParam().nullish(),
    local_uuid: z.string().max(MAX_NAME_CHARS).nullish(),
    device_id: z.string().max(MAX_NAME_CHARS).nullish(),
  })
  .refine((body) => (body.data_json ?? body.data) !== undefined, { path: ['data_json'], message: 'Field required' })
  .meta({ id: 'HeadlessInput' })

const HeadlessAnswer = z
  .object({ status: z.enum(['accepted', 'ignored']), id: z.string(), local_uuid: z.string() })
  .meta({ id: 'HeadlessAnswer' })

export const headlessSubmit = router().openapi(
  operation(
    'headless.submit',
    {
      method: 'post',
      path: '/headless/submit',
      operationId: 'headlessSubmit',
      summary: 'Send one submission to the published version of a form',
      tags: ['Headless'],
      request: { body: jsonRequest(HeadlessBody) },
      responses: { 201: json(HeadlessAnswer, 'Stored, or known already') },
      fails: ['api_key_invalid', 'form_not_found', 'form_unpublished', 'answers_invalid', 'project_not_found'],
    },
    { maxBodyBytes: MAX_SUBMISSION_BYTES, checkedOnSubmit: true },
  ),
  async (c) => {
    const body = c.req.valid('json')
    const { outcomes, rate } = await submitMany(
      { ...c.var.ctx, protocol: 'headless' },
      [
        {
          kind: 'submission',
          target: { formId: body.form_id },
          localUuid: body.local_uuid || null,
          data: body.data_json ?? body.data ?? {},
          collectedAt: body.collected_at ?? null,
          reportedDeviceId: body.device_id ?? null,
        },
      ],
      { verb: 'headless.submit', onFaults: 'refuse', rawOf: () => '' },
    )
    setRateHeaders(c, rate)
    const [outcome] = outcomes
    if (!outcome) throw new Error('submitMany answered without an outcome')
    if (outcome.kind === 'rejected' || outcome.kind === 'quarantined') throw listed(outcome.error)
    const status = outcome.kind === 'created' ? ('accepted' as const) : ('ignored' as const)
    return c.json({ status, id: outcome.id, local_uuid: outcome.localUuid }, 201)
  },
)

/** Here faults come as a list of sentences, not as one text. */
const listed = (error: AppError): AppError =>
  error.code === 'answers_invalid' ? new AppError(error.code, error.message, { detail: error.faults }) : error
