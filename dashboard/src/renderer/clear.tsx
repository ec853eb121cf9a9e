// Takes an answer away. The button goes with it, so the focus moves to the question's first control.
import { t } from '../i18n/i18n.ts'
import { focusIn } from './focus.ts'

export const Clear = ({ onClear }: { onClear: () => void }) => (
  <button
    type="button"
    className="link small"
    onClick={(event) => {
      focusIn(event.currentTarget.closest<HTMLElement>('.question'))
      onClear()
    }}
  >
    {t('fill.clear')}
  </button>
)
