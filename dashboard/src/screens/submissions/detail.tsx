// One submission: its answers with rows and photos, what is wrong with it, who changed what, and what can be done.
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'wouter'
import type { FormSchema } from '../../../../src/forms/schema.ts'
import { ApiError, api, ask } from '../../api/client.ts'
import type { Submission } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Facts, Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { AnswerList } from './answers.tsx'
import { Comments } from './comments.tsx'
import { DeletedSubmission } from './deleted.tsx'
import { Editor } from './edit.tsx'
import { fieldsOf } from './fields.ts'
import { History } from './history.tsx'
import { Gallery } from './media.tsx'
import { ReviewBox } from './review.tsx'
import { StateBadge } from './state-badge.tsx'
import { SubmissionActions } from './submission-actions.tsx'

const TRAIL = () => [{ label: t('nav.submissions'), href: '/submissions' }]

export default function SubmissionScreen({ id = '' }: { id?: string }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['submission', id],
    queryFn: () => ask(api.submissions[':id'].$get({ param: { id } })),
  })
  if (data && !error) return <Shown submission={data} />
  if (error instanceof ApiError && error.status === 404) return <DeletedSubmission id={id} trail={TRAIL()} />
  return (
    <Page title={t('submission.title')} trail={TRAIL()}>
      {isPending ? <Loading /> : error && <Failure error={error} onRetry={() => refetch()} />}
    </Page>
  )
}

/** The document of the version that a submission was made with: unlike the submission's own fields it has the lists that
 *  questions share. */
const useVersion = ({ form_id: id, form_version_id: version_id, schema_fields: fields }: Submission) =>
  useQuery({
    queryKey: ['form', id, 'version', version_id],
    queryFn: async () => {
      if (version_id === null) return { version: 1, fields } as FormSchema
      const { schema } = await ask(api.forms[':id'].versions[':version_id'].$get({ param: { id, version_id } }))
      return schema as FormSchema
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

function Shown({ submission }: { submission: Submission }) {
  const me = useMe()
  const [params, setParams] = useSearchParams()
  const isEditing = params.get('edit') !== null
  const stopEditing = () => setParams({}, { replace: true })
  const version = useVersion(submission)
  const schema = version.data
  const fields = schema ? fieldsOf(schema.fields, schema.choices) : fieldsOf(submission.schema_fields)
  return (
    <Page
      title={t('submission.of', { form: submission.form_name })}
      trail={TRAIL()}
      actions={
        isEditing ? undefined : (
          <>
            <CopyCurl url={api.submissions[':id'].$url({ param: { id: submission.id } })} />
            <SubmissionActions submission={submission} />
          </>
        )
      }
      about={
        <>
          <StateBadge state={submission.review_state} />{' '}
          {submission.mode === 'test' && <Badge tone="warn">{t('mode.test')}</Badge>}{' '}
          {t('submission.by_at', { who: submission.submitted_by_email ?? '–' })} <Time at={submission.submitted_at} />
        </>
      }
    >
      {submission.issues.length > 0 && (
        <div className="notice">
          <div>
            <strong>{t('submission.has_issues', { count: submission.issues.length })}</strong>
            <ul>
              {submission.issues.map(({ path, code, message }) => (
                <li key={`${path} ${code}`}>{message}</li>
              ))}
            </ul>
          </div>
        </div>
      )}
      {submission.missing_media.length > 0 && (
        <div className="notice">
          <div>
            <strong>{t('submission.missing', { count: submission.missing_media.length })}</strong>
            <ul>
              {submission.missing_media.map(({ field_id, repeat_path, marker }) => (
                <li key={`${repeat_path} ${field_id} ${marker}`}>
                  {repeat_path && `${repeat_path}.`}
                  {field_id}: <code>{marker}</code>
                </li>
              ))}
            </ul>
            <p className="small soft">{t('submission.missing_help')}</p>
          </div>
        </div>
      )}
      <div className="detail">
        <div>
          <section className="card" aria-labelledby="answers">
            <h2 id="answers">{t('submission.answers')}</h2>
            {isEditing && version.isPending && <Loading />}
            {isEditing && version.error && <Failure error={version.error} onRetry={() => version.refetch()} />}
            {isEditing && schema && (
              <Editor submission={submission} schema={schema} fields={fields} onDone={stopEditing} />
            )}
            {!isEditing && <AnswerList fields={fields} data={submission.data} submission={submission} />}
          </section>
          {!isEditing && submission.media_files.length > 0 && <Gallery files={submission.media_files} />}
        </div>
        <div>
          <ReviewBox submission={submission} me={me} />
          <Comments id={submission.id} />
          <History id={submission.id} />
          <section className="card">
            <h2>{t('submission.facts')}</h2>
            <Facts
              facts={[
                [t('submission.collected'), <Time key="c" at={submission.collected_at} />],
                [t('submission.arrived'), <Time key="a" at={submission.submitted_at} />],
                [t('submission.updated'), <Time key="u" at={submission.updated_at} />],
                [t('submission.version'), submission.version_num ?? '–'],
                [t('submission.revision'), submission.revision],
                [t('submission.device'), submission.device_id ?? '–'],
                [t('submission.protocol'), submission.protocol],
                ['local_uuid', <code key="l">{submission.local_uuid}</code>],
              ]}
            />
          </section>
        </div>
      </div>
    </Page>
  )
}
