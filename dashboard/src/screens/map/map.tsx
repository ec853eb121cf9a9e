// Where things are: every spatial answer of a form, with the filters of the table. What the map shows and where it looks
// stands in the address.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { api, ask } from '../../api/client.ts'
import { useForms } from '../../api/queries.ts'
import { t } from '../../i18n/i18n.ts'
import { somewhere, useMe } from '../../shell/me.ts'
import { useAddress } from '../../ui/address.ts'
import { CopyCurl } from '../../ui/curl.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Filters } from '../submissions/filters.tsx'
import { pickOf, useView } from '../submissions/view.ts'
import { ViewTabs } from '../submissions/view-tabs.tsx'
import { Chosen } from './chosen.tsx'
import { type Bounds, boundsOf, isIn } from './geometry.ts'
import MapView, { type Position } from './map-view.tsx'
import { PlaceList } from './place-list.tsx'
import type { Place } from './places.ts'
import { MAX_PLACES, usePlaces } from './use-places.ts'

const WORLD: Bounds = [-180, -90, 180, 90]

export default function MapScreen() {
  const me = useMe()
  const [view, changeView] = useView()
  const [params, put] = useAddress()
  const forms = useForms()
  const settings = useQuery({ queryKey: ['settings', 'map'], queryFn: () => ask(api.settings.map.$get()) })
  const formId = view.form ?? forms.data?.[0]?.id
  const query = useMemo(() => pickOf(view), [view.state, view.list, view.from, view.to, view.mode])
  const { places, isLoading, isCut, isOld, error, reload } = usePlaces(formId, query, somewhere(me, 'manager'))
  const [bounds, setBounds] = useState<Bounds>(WORLD)
  const [pressed, setPressed] = useState<Place[] | null>(null)
  const chosen = params.get('open') ?? undefined

  const onMove = useCallback(
    (position: Position | null, shown: Bounds) => {
      setBounds(shown)
      setPressed(null)
      if (position) put({ at: textOf(position) })
    },
    [put],
  )
  const onPress = (found: Place[]) => {
    const [first, ...others] = new Set(found.map(({ submission }) => submission))
    setPressed(others.length > 0 ? found : null)
    put({ open: others.length > 0 ? null : first })
  }
  const inView = useMemo(() => places.filter(({ corners }) => isIn(boundsOf(corners), bounds)), [places, bounds])

  return (
    <Page
      title={t('nav.map')}
      actions={formId && <CopyCurl url={api.forms[':id'].places.$url({ param: { id: formId }, query })} />}
    >
      <Filters
        view={{ ...view, form: formId }}
        forms={forms.data ?? []}
        ofOneForm
        onChange={(change) => {
          // Another form is somewhere else.
          if ('form' in change) put({ at: null, open: null })
          setPressed(null)
          changeView(change)
        }}
      />
      <ViewTabs shown="map" />
      {forms.error && <Failure error={forms.error} onRetry={() => forms.refetch()} />}
      {(forms.isPending || settings.isPending) && <Loading />}
      {forms.data?.length === 0 && <Empty title={t('map.no_forms')} />}
      {error && <Failure error={error} onRetry={reload} />}
      {formId && !settings.isPending && (
        <>
          <div className="table-head">
            <p role="status">
              {isLoading ? t('map.loading', { count: places.length }) : t('map.shown', { count: places.length })}
              {isCut && ` ${t('map.cut', { count: MAX_PLACES })}`}
            </p>
            {isOld && (
              <button type="button" className="primary" onClick={reload}>
                {t('submissions.newer')}
              </button>
            )}
          </div>
          <div className="map-and-list">
            <MapView
              key={formId}
              label={t('map.label')}
              places={places}
              position={positionOf(params.get('at'))}
              onMove={onMove}
              onPress={onPress}
              chosen={chosen}
              tiles={settings.data?.has_tiles ? settings.data : undefined}
              isLoading={isLoading}
            />
            {chosen ? (
              <Chosen id={chosen} onClose={() => put({ open: null })} />
            ) : (
              <PlaceList
                title={pressed ? t('map.pressed') : t('map.in_view')}
                places={pressed ?? inView}
                onOpen={({ submission }) => put({ open: submission })}
                onAll={pressed ? () => setPressed(null) : undefined}
              />
            )}
          </div>
        </>
      )}
    </Page>
  )
}

/** `14.69370,-17.44410,9.25`: latitude, longitude, zoom. */
const textOf = ({ latitude, longitude, zoom }: Position): string =>
  [latitude.toFixed(5), longitude.toFixed(5), zoom.toFixed(2)].join(',')

function positionOf(text: string | null): Position | undefined {
  const [latitude, longitude, zoom] = (text ?? '').split(',').map((part) => (part === '' ? Number.NaN : Number(part)))
  const isThere = Math.abs(latitude ?? 91) <= 90 && Math.abs(longitude ?? 181) <= 180 && Number.isFinite(zoom)
  return isThere ? { latitude: latitude!, longitude: longitude!, zoom: Math.max(0, zoom!) } : undefined
}
