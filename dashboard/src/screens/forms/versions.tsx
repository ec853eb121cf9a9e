// The published versions of a form: compared with each other and with the draft, and as workbooks.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask } from '../../api/client.ts'
import type { FormDetail } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Download } from '../../ui/download.tsx'
import { ChoiceField } from '../../ui/form.tsx'
import { Badge, Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { DiffView } from './diff-view.tsx'

export function Versions({ form }: { form: FormDetail }) {
  const param = { id: form.id }
  const versions = useQuery({
    queryKey: ['form', form.id, 'versions'],
    queryFn: () => ask(api.forms[':id'].versions.$get({ param })),
  })
  const list = versions.data ?? []
  const names = [
    ...(form.has_draft ? [{ value: 'draft', label: t('form.draft') }] : []),
    ...list.map(({ version_num }) => ({
      value: String(version_num),
      label: t('form.version', { number: version_num }),
    })),
  ]
  return (
    <section className="card" aria-labelledby="versions">
      <div className="card-head">
        <h2 id="versions">{t('form.versions')}</h2>
        <CopyCurl url={api.forms[':id'].versions.$url({ param })} />
      </div>
      {versions.error && <Failure error={versions.error} onRetry={() => versions.refetch()} />}
      {versions.isPending && <Loading />}
      <ul className="plain versions">
        {form.has_draft && (
          <li>
            <span>
              <Badge tone="warn">{t('form.draft')}</Badge>
            </span>
            <Workbook form={form} version="draft" />
          </li>
        )}
        {list.map(({ id, version_num, published_at, is_current }) => (
          <li key={id}>
            <span>
              {t('form.version', { number: version_num })} {is_current && <Badge tone="good">{t('form.live')}</Badge>}{' '}
              <span className="soft">
                <Time at={published_at} />
              </span>
            </span>
            <Workbook form={form} version={String(version_num)} />
          </li>
        ))}
      </ul>
      {names.length > 1 && <Compare form={form} names={names} />}
    </section>
  )
}

const Workbook = ({ form, version }: { form: FormDetail; version: string }) => (
  <Download
    url={api.forms[':id'].xlsform.$url({ param: { id: form.id }, query: { version } })}
    filename={`${form.key}-${version}.xlsx`}
    label={t('form.workbook')}
    about={t('form.workbook_of', { version })}
  />
)

interface CompareProps {
  form: FormDetail
  /** Newest first. */
  names: { value: string; label: string }[]
}

function Compare({ form, names }: CompareProps) {
  const [from, setFrom] = useState(names[1]!.value)
  const [to, setTo] = useState(names[0]!.value)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['form', form.id, 'diff', from, to, form.schema_sha256],
    queryFn: () => ask(api.forms[':id'].diff.$get({ param: { id: form.id }, query: { from, to } })),
  })
  return (
    <>
      <h3>{t('diff.title')}</h3>
      <div className="filters">
        <ChoiceField label={t('diff.from')} name="from" value={from} options={names} onValue={setFrom} />
        <ChoiceField label={t('diff.to')} name="to" value={to} options={names} onValue={setTo} />
      </div>
      {isPending && <Loading />}
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {data && <DiffView diff={data.diff} />}
    </>
  )
}
