// The form builder: the questions as a tree, the chosen one beside it, and everything saved by itself. What the document
// may be is model/, when it is saved autosave.ts.
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import type { FieldType } from '../../../../src/forms/field-types.ts'
import { assignUids, everyField } from '../../../../src/forms/uids.ts'
import { api, ask } from '../../api/client.ts'
import type { FormDetail } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { useAddress } from '../../ui/address.ts'
import { fieldTypeName } from '../../ui/field-type.ts'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { showDone, showFailure } from '../../ui/toasts.tsx'
import { PublishDialog } from '../forms/publish-dialog.tsx'
import './builder.css'
import { ConflictDialog } from './conflict-dialog.tsx'
import { FormSettings } from './form-settings.tsx'
import { readKept } from './kept.ts'
import {
  type Field,
  type FormSchema,
  insertField,
  locate,
  moveField,
  neighbourOf,
  type Place,
  placeForNew,
  placeOf,
  removeField,
  type Step,
} from './model/document.ts'
import { newField } from './model/new-field.ts'
import { containersOf, rowsOf } from './model/outline-rows.ts'
import { languagesOf, shownText } from './model/texts.ts'
import { OutlinePane } from './outline-pane.tsx'
import { LABEL_INPUT, Properties } from './properties.tsx'
import { SaveLine } from './save-line.tsx'
import { TypeDialog } from './type-dialog.tsx'
import { useAutosave } from './use-autosave.ts'
import { useFindings } from './use-findings.ts'
import { VIEWS, Views } from './views.tsx'
import { type Edit, reduce, startWith } from './workbench.ts'

export default function BuilderScreen({ id = '' }: { id?: string }) {
  const me = useMe()
  // What is worked on is the state at the beginning; asking again would only cost.
  const form = useQuery({
    queryKey: ['form', id, 'build'],
    queryFn: () => ask(api.forms[':id'].$get({ param: { id } })),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (form.data && atLeast(me, 'manager', form.data.project_id))
    return (
      <Builder
        key={id}
        form={form.data}
        userId={me.id}
        mayPair={atLeast(me, 'manager')}
        refetch={async () => (await form.refetch()).data}
      />
    )
  return (
    <Page title={t('builder.name')} trail={[{ label: t('nav.forms'), href: '/forms' }]}>
      {form.isPending && <Loading />}
      {form.error && <Failure error={form.error} onRetry={() => form.refetch()} />}
      {form.data && <Empty title={t('not_yours.empty')}>{t('not_yours.help')}</Empty>}
    </Page>
  )
}

/** Does what needs the form language, once it is there. */
const withLanguage = (use: (language: typeof import('./language.ts')) => void): void =>
  void import('./language.ts').then(use).catch(showFailure)

const newUid = (): string => crypto.randomUUID()
const documentOf = (form: FormDetail): FormSchema => assignUids(form.schema as unknown as FormSchema, newUid)

const uidsOf = ({ fields }: FormSchema): ReadonlySet<string> => new Set(everyField(fields).map(({ uid }) => uid!))

const LivePreview = lazy(() => import('./live-preview.tsx'))

const TestOnPhone = lazy(async () => ({ default: (await import('../forms/test-on-phone.tsx')).TestOnPhone }))
const Translations = lazy(async () => ({
  default: (await import('./parts/translations/translations.tsx')).Translations,
}))

interface Props {
  form: FormDetail
  userId: string
  /** Who pairs phones is a matter of the whole tenant. */
  mayPair: boolean
  refetch: () => Promise<FormDetail | undefined>
}

function Builder({ form, userId, mayPair, refetch }: Props) {
  const [start] = useState(() => documentOf(form))
  const [kept] = useState(() => readKept(userId, form.id))
  const [bench, dispatch] = useReducer(reduce, start, startWith)
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [wanted, setWanted] = useState('')
  const [opened, setOpened] = useState<'add' | 'publish' | 'test' | 'conflict' | null>(null)
  const [told, setTold] = useState('')
  const [params, put] = useAddress()
  const panel = useRef<HTMLDivElement>(null)
  /** Questions that phones may know by their present ids. */
  const known = useRef(uidsOf(start))

  const { history, chosen } = bench
  const { document } = history.present
  const latest = useRef(document)
  latest.current = document
  // A copy that was kept was made from another state than the server's, if somebody has saved since: the save finds out.
  const saving = useAutosave({ formId: form.id, userId, document: start, base: kept ? kept.base : form.schema_sha256 })
  const { autosave } = saving
  const findings = useFindings(document)
  const languages = useMemo(() => languagesOf(document), [document])
  const language = languages.includes(params.get('language') ?? '') ? params.get('language')! : (languages[0] ?? '')
  const isPreviewed = params.get('preview') === 'true'
  const view = VIEWS.find((one) => one === params.get('view')) ?? 'questions'
  const rows = useMemo(() => rowsOf(document, { folded, wanted, language }), [document, folded, wanted, language])
  const field = chosen === null ? undefined : locate(document, chosen)?.field

  const edit = useCallback((one: Edit) => dispatch({ do: 'edit', atMs: Date.now(), ...one }), [])
  const choose = useCallback((uid: string) => dispatch({ do: 'choose', uid }), [])
  useEffect(() => autosave.changed(document), [autosave, document])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 'z') return
      if (event.target instanceof Element && event.target.closest('[data-own-undo], dialog, .preview-side')) return
      event.preventDefault()
      dispatch({ do: event.shiftKey ? 'redo' : 'undo' })
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
  useEffect(() => {
    if (!kept) return
    edit({ edit: () => kept.document, changed: null })
    showDone(t('builder.restored'))
  }, [kept, edit])
  useEffect(() => {
    if (saving.state.is === 'conflict') setOpened('conflict')
  }, [saving.state])

  const set = (name: string, value: string | null) => put({ [name]: value })
  const focusPanel = () =>
    requestAnimationFrame(() => panel.current?.querySelector<HTMLElement>(`[name="${LABEL_INPUT}"]`)?.focus())
  const nameOf = (one: Field): string => shownText(document, one.label, language) ?? one.id

  const add = (type: FieldType) => {
    const uid = newUid()
    setOpened(null)
    setWanted('')
    edit({
      edit: (now) => insertField(now, newField(now, type, uid, t('builder.option_first')), placeForNew(now, chosen)),
      changed: uid,
      choose: uid,
    })
    focusPanel()
  }
  const move = useCallback(
    (uid: string, place: Place | undefined) => {
      if (!place) return
      edit({ edit: (now) => moveField(now, uid, place), changed: uid, choose: uid })
      // What it was moved into is to be seen.
      if (typeof place === 'object' && 'into' in place)
        setFolded((before) => new Set([...before].filter((one) => one !== place.into)))
    },
    [edit],
  )
  const step = (uid: string, one: Step) => {
    const place = placeOf(document, uid, one)
    move(uid, place)
    const at = place && locate(moveField(document, uid, place), uid)
    if (!at) return
    const about = { name: nameOf(at.field), place: at.index + 1, count: at.siblings.length }
    setTold(at.parent ? t('builder.moved_in', { ...about, group: nameOf(at.parent) }) : t('builder.moved', about))
  }
  const copy = (uid: string) =>
    withLanguage(({ duplicateField }) => {
      // What was typed while the language was fetched is in the copy, and stays.
      const [copied, made] = duplicateField(latest.current, uid, newUid)
      edit({ edit: () => copied, changed: made, choose: made })
    })
  const rename = (uid: string, id: string) =>
    withLanguage(({ renameField }) =>
      edit({ edit: (now) => renameField(now, uid, id, known.current.has(uid)), changed: uid }),
    )
  const remove = (uid: string) => {
    const gone = locate(document, uid)?.field
    if (!gone) return
    edit({ edit: (now) => removeField(now, uid), changed: uid, choose: neighbourOf(document, uid) })
    showDone(t('builder.removed', { name: nameOf(gone) }), {
      label: t('builder.undo'),
      run: () => dispatch({ do: 'undo' }),
    })
  }
  const fold = useCallback((uid: string, close: boolean) => {
    setFolded((before) => {
      const next = new Set(before)
      if (close) next.add(uid)
      else next.delete(uid)
      return next
    })
  }, [])
  /** Both are about the draft that the server has. */
  const openSaved = async (dialog: 'publish' | 'test') => {
    if (!(await autosave.flush())) showFailure(new Error(t('builder.unsaved')))
    else if (await refetch()) {
      known.current = uidsOf(latest.current)
      setOpened(dialog)
    }
  }

  return (
    <div className="builder">
      <Page
        title={form.name}
        trail={[
          { label: t('nav.forms'), href: '/forms' },
          { label: form.name, href: `/forms/${form.id}` },
        ]}
        about={<SaveLine saving={saving} faults={findings.faults} onDecide={() => setOpened('conflict')} />}
        actions={
          <>
            <button
              type="button"
              disabled={history.past.length === 0}
              title={t('builder.undo_keys')}
              onClick={() => dispatch({ do: 'undo' })}
            >
              {t('builder.undo')}
            </button>
            <button
              type="button"
              disabled={history.future.length === 0}
              title={t('builder.redo_keys')}
              onClick={() => dispatch({ do: 'redo' })}
            >
              {t('builder.redo')}
            </button>
            {view === 'questions' && (
              <button
                type="button"
                aria-pressed={isPreviewed}
                onClick={() => set('preview', isPreviewed ? null : 'true')}
              >
                {t('preview.title')}
              </button>
            )}
            {mayPair && !form.archived && (
              <button type="button" onClick={() => openSaved('test')}>
                {t('test_phone.title')}
              </button>
            )}
            <button
              type="button"
              className="primary"
              disabled={!form.has_draft && history.past.length === 0 && saving.state.is === 'saved'}
              onClick={() => openSaved('publish')}
            >
              {t('publish.action')}
            </button>
          </>
        }
      >
        <Views shown={view} languages={languages} language={language} onSet={set} />
        {view === 'translations' && (
          <Suspense fallback={<Loading />}>
            <Translations
              document={document}
              onEdit={(change, about) => edit({ edit: change, changed: null, about })}
            />
          </Suspense>
        )}
        {view === 'form' && <FormSettings document={document} language={language} onEdit={edit} />}
        {view === 'questions' && (
          <div className={isPreviewed ? 'workbench with-preview' : 'workbench'}>
            <OutlinePane
              document={document}
              rows={rows}
              chosen={field ? chosen : null}
              wanted={wanted}
              areFolded={folded.size > 0}
              findings={findings}
              nameOf={nameOf}
              onAdd={() => setOpened('add')}
              onSearch={setWanted}
              onFoldAll={(fold) => setFolded(new Set(fold ? containersOf(document) : []))}
              onChoose={choose}
              onOpen={focusPanel}
              onFold={fold}
              onStep={step}
              onDrop={move}
              onCopy={copy}
              onRemove={remove}
            />
            <section className="card question-side" ref={panel} aria-label={t('builder.question')}>
              {field ? (
                <>
                  <h2>
                    <span dir="auto">{nameOf(field)}</span>{' '}
                    <span className="soft small">{fieldTypeName(field.type)}</span>
                  </h2>
                  <Properties
                    key={field.uid}
                    document={document}
                    field={field}
                    language={language}
                    findings={findings.byField.get(field.uid!) ?? []}
                    isKnown={known.current.has(field.uid!)}
                    onRename={rename}
                    onEdit={edit}
                  />
                </>
              ) : (
                <p className="soft">{t('builder.choose')}</p>
              )}
            </section>
            {isPreviewed && (
              <section className="card preview-side" aria-labelledby="preview">
                <h2 id="preview">{t('preview.title')}</h2>
                {findings.faults > 0 && <p className="notice">{t('builder.preview_behind')}</p>}
                <Suspense fallback={<Loading />}>
                  <LivePreview document={findings.sound} language={language} />
                </Suspense>
              </section>
            )}
          </div>
        )}
        {findings.general.length > 0 && (
          <ul className="notice">
            {findings.general.map(({ message }) => (
              <li key={message}>{message}</li>
            ))}
          </ul>
        )}
        <p className="unseen" role="status">
          {told}
        </p>
      </Page>
      {opened === 'add' && <TypeDialog onChoose={add} onClose={() => setOpened(null)} />}
      {opened === 'publish' && <PublishDialog form={form} onClose={() => setOpened(null)} />}
      {opened === 'test' && (
        <Suspense fallback={null}>
          <TestOnPhone formId={form.id} formName={form.name} onClose={() => setOpened(null)} />
        </Suspense>
      )}
      {opened === 'conflict' && saving.state.is === 'conflict' && (
        <ConflictDialog
          formId={form.id}
          mine={document}
          onTheirs={(theirs) => {
            const taken = documentOf(theirs)
            edit({ edit: () => taken, changed: null })
            autosave.resolve(taken, theirs.schema_sha256, true)
            setOpened(null)
          }}
          onMine={(theirs) => {
            const taken = documentOf(theirs)
            // Theirs is one step back.
            edit({ edit: () => taken, changed: null })
            edit({ edit: () => document, changed: null })
            autosave.resolve(document, theirs.schema_sha256, false)
            setOpened(null)
          }}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  )
}
