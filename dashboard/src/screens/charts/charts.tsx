// What the submissions of a form come to: over time, by worker, by device, by question, with the filters of the table.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useChanges } from '../../api/changes.ts'
import { api, ask } from '../../api/client.ts'
import { useForms } from '../../api/queries.ts'
import '../../styles/charts.css'
import { currentLocale, t } from '../../i18n/i18n.ts'
import { somewhere, useMe } from '../../shell/me.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Filters } from '../submissions/filters.tsx'
import { pickOf, useView } from '../submissions/view.ts'
import { ViewTabs } from '../submissions/view-tabs.tsx'
import { BarTable, Behind } from './bars.tsx'
import { dayRows, type Figures, Question } from './question.tsx'
import { TimeChart } from './time-chart.tsx'

/** Counting more than these again with each change would cost the server too much. */
const MAX_LIVE = 5_000
/** Drawn at first; long forms have hundreds. */
const FIRST_QUESTIONS = 12

export default function Charts() {
  const me = useMe()
  const [view, changeView] = useView()
  const forms = useForms()
  const formId = view.form ?? forms.data?.[0]?.id
  const query = { ...pickOf(view), lang: currentLocale() }
  const figures = useQuery({
    queryKey: ['figures', formId, query],
    queryFn: () => ask(api.forms[':id'].figures.$get({ param: { id: formId! }, query })),
    enabled: formId !== undefined,
    placeholderData: keepPreviousData,
  })
  const [isOld, setOld] = useState(false)
  const { data, refetch } = figures
  const isMany = (data?.total ?? 0) > MAX_LIVE
  const refresh = useCallback(() => {
    setOld(false)
    // Hints may come faster than answers: one that is on its way is waited for.
    void refetch({ cancelRefetch: false })
  }, [refetch])
  const onChange = useCallback(() => (isMany ? setOld(true) : refresh()), [isMany, refresh])
  useChanges(onChange, somewhere(me, 'manager'))
  return (
    <Page
      title={t('nav.charts')}
      actions={formId && <CopyCurl url={api.forms[':id'].figures.$url({ param: { id: formId }, query })} />}
    >
      <Filters view={{ ...view, form: formId }} forms={forms.data ?? []} ofOneForm onChange={changeView} />
      <ViewTabs shown="charts" />
      {forms.error && <Failure error={forms.error} onRetry={() => forms.refetch()} />}
      {forms.data?.length === 0 && <Empty title={t('map.no_forms')} />}
      {figures.error && <Failure error={figures.error} onRetry={() => figures.refetch()} />}
      {(forms.isPending || (formId && figures.isPending)) && <Loading />}
      {data && !figures.error && (
        <>
          <div className="table-head">
            <p role="status">{t('submissions.count', { count: data.total })}</p>
            {isOld && (
              <button type="button" className="primary" onClick={refresh}>
                {t('submissions.newer')}
              </button>
            )}
          </div>
          {data.total === 0 ? <Empty title={t('submissions.none_match')} /> : <Shown key={formId} figures={data} />}
        </>
      )}
    </Page>
  )
}

function Shown({ figures }: { figures: Figures }) {
  const [showsAll, setShowsAll] = useState(false)
  const { total, counted, answers_of, over_time, workers, devices, questions, time_zone } = figures
  const shown = showsAll ? questions : questions.slice(0, FIRST_QUESTIONS)
  return (
    <>
      <section className="card" aria-labelledby="over-time">
        <h2 id="over-time">{t('charts.over_time')}</h2>
        <p className="soft small">
          {t('charts.over_time_about', { zone: time_zone })} {counted < total && t('charts.newest', { count: counted })}
        </p>
        <TimeChart label={t('charts.over_time')} days={over_time} />
        <Behind label={t('charts.over_time')} what={t('charts.day')} rows={dayRows(over_time.days)} />
      </section>
      <div className="charts">
        <Shares title={t('charts.workers')} what={t('charts.worker')} shares={workers} counted={counted} />
        <Shares title={t('charts.devices')} what={t('charts.device')} shares={devices} counted={counted} />
      </div>
      <h2 className="charts-head">{t('charts.questions')}</h2>
      {answers_of < total && <p className="notice">{t('charts.answers_of', { count: answers_of, total })}</p>}
      {questions.length === 0 && <p className="soft">{t('charts.no_questions')}</p>}
      <div className="charts">
        {shown.map((question) => (
          <Question key={`${question.repeat} ${question.type} ${question.field_id}`} question={question} />
        ))}
      </div>
      {shown.length < questions.length && (
        <p className="more">
          <button type="button" onClick={() => setShowsAll(true)}>
            {t('charts.all_questions', { count: questions.length })}
          </button>
        </p>
      )}
    </>
  )
}

interface SharesProps {
  title: string
  what: string
  shares: Figures['workers']
  counted: number
}

function Shares({ title, what, shares, counted }: SharesProps) {
  const rows = shares.map(({ id, name, count }) => ({
    key: id ?? '',
    label: name ?? id ?? t('charts.unknown'),
    count,
  }))
  const others = counted - rows.reduce((sum, { count }) => sum + count, 0)
  if (others > 0) rows.push({ key: ' others', label: t('charts.others'), count: others })
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <BarTable label={title} what={what} rows={rows} total={counted} />
    </section>
  )
}
