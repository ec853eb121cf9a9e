// What holds for the whole organisation, and how the server is.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, ask } from '../../api/client.ts'
import { t } from '../../i18n/i18n.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Form, TextField, textOf } from '../../ui/form.tsx'
import { Page } from '../../ui/page.tsx'
import { Badge, Facts, Time } from '../../ui/small.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { showDone } from '../../ui/toasts.tsx'

export default function Settings() {
  const client = useQueryClient()
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => ask(api.settings.$get()) })
  const save = useMutation({
    mutationFn: (values: FormData) =>
      ask(
        api.settings.$patch({
          json: { name: textOf(values, 'name') ?? '', server_url: textOf(values, 'server_url') ?? '' },
        }),
      ),
    onSuccess: () => {
      for (const key of ['settings', 'me']) void client.invalidateQueries({ queryKey: [key] })
      showDone(t('settings.saved'))
    },
  })
  return (
    <Page title={t('nav.settings')} actions={<CopyCurl url={api.settings.$url()} />}>
      <section className="card narrow" aria-labelledby="organisation">
        <h2 id="organisation">{t('settings.organisation')}</h2>
        {settings.isPending && <Loading />}
        {settings.error && <Failure error={settings.error} onRetry={() => settings.refetch()} />}
        {settings.data && (
          <Form onSubmit={save.mutate} action={t('edit.save')} busy={save.isPending} error={save.error}>
            <TextField
              label={t('settings.name')}
              name="name"
              defaultValue={settings.data.name}
              required
              maxLength={200}
            />
            <TextField
              label={t('settings.server_url')}
              hint={t('settings.server_url_help', { here: location.origin })}
              name="server_url"
              type="url"
              defaultValue={settings.data.server_url}
              maxLength={500}
            />
          </Form>
        )}
      </section>
      <MapSettings />
      <Health />
    </Page>
  )
}

function MapSettings() {
  const client = useQueryClient()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['settings', 'map'],
    queryFn: () => ask(api.settings.map.$get()),
  })
  const save = useMutation({
    mutationFn: (values: FormData) =>
      ask(
        api.settings.map.$put({
          json: { tile_url: textOf(values, 'tile_url') ?? '', attribution: textOf(values, 'attribution') ?? '' },
        }),
      ),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['settings', 'map'] })
      showDone(t('settings.saved'))
    },
  })
  return (
    <section className="card narrow" aria-labelledby="map-settings">
      <h2 id="map-settings">{t('settings.map')}</h2>
      <p className="soft">{t('settings.map_about')}</p>
      {isPending && <Loading />}
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {data && (
        <Form onSubmit={save.mutate} action={t('edit.save')} busy={save.isPending} error={save.error}>
          <TextField
            label={t('settings.tile_url')}
            hint={t('settings.tile_url_help')}
            name="tile_url"
            defaultValue={data.tile_url ?? ''}
            maxLength={1000}
          />
          <TextField
            label={t('settings.attribution')}
            hint={t('settings.attribution_help')}
            name="attribution"
            defaultValue={data.attribution}
            maxLength={200}
          />
        </Form>
      )}
    </section>
  )
}

function Health() {
  const { data, error, refetch } = useQuery({
    queryKey: ['health'],
    queryFn: () => ask(api.health.$get()),
    refetchInterval: 30_000,
  })
  return (
    <section className="card narrow" aria-labelledby="health">
      <div className="card-head">
        <h2 id="health">{t('health.title')}</h2>
        <a href="/docs/">{t('nav.api_reference')}</a>
      </div>
      {error && <Failure error={error} onRetry={() => refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <Facts
          facts={[
            [t('health.status'), <State key="s" good={data.status === 'ok'} />],
            [t('health.database'), <State key="d" good={data.database === 'connected'} />],
            [t('health.storage'), <State key="f" good={data.storage === 'connected'} />],
            [t('health.checked'), <Time key="t" at={data.timestamp} />],
          ]}
        />
      )}
    </section>
  )
}

const State = ({ good }: { good: boolean }) => (
  <Badge tone={good ? 'good' : 'bad'}>{good ? t('health.good') : t('health.bad')}</Badge>
)
