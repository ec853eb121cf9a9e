// Whether what is on the screen is on the server, always in sight.
import { t } from '../../i18n/i18n.ts'
import { saidOf } from '../../ui/said.ts'
import { Badge, type Tone } from '../../ui/small.tsx'
import type { Saving } from './use-autosave.ts'

interface Props {
  saving: Saving
  faults: number
  onDecide: () => void
}

const TONES: Record<Saving['state']['is'], Tone> = {
  saved: 'good',
  waiting: 'calm',
  saving: 'calm',
  faulty: 'warn',
  failed: 'bad',
  conflict: 'bad',
}

export function SaveLine({ saving: { state, isKept, autosave }, faults, onDecide }: Props) {
  const isUnsaved = state.is === 'faulty' || state.is === 'failed' || state.is === 'conflict'
  return (
    <div className="row save-line">
      <span role="status">
        <Badge tone={TONES[state.is]}>{t(`builder.save_${state.is}`, { count: faults })}</Badge>
      </span>
      {state.is === 'failed' && (
        <>
          <span className="soft small">{saidOf(state.error)}</span>
          <button type="button" onClick={() => void autosave.flush()}>
            {t('action.retry')}
          </button>
        </>
      )}
      {state.is === 'conflict' && (
        <button type="button" onClick={onDecide}>
          {t('builder.conflict_decide')}
        </button>
      )}
      {isUnsaved && <span className="soft small">{isKept ? t('builder.kept') : t('builder.not_kept')}</span>}
    </div>
  )
}
