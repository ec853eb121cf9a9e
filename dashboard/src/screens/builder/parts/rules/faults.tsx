// What is wrong with an expression, each with the place in it.
import type { Finding } from '../../../../../../src/forms/check-expressions.ts'
import { t } from '../../../../i18n/i18n.ts'

interface Props {
  id: string
  text: string
  findings: readonly Finding[]
}

/** Characters around the place that are shown with it. */
const BEFORE = 24
const AFTER = 16

export const Faults = ({ id, text, findings }: Props) => (
  // There from the start, so that what comes into it is read out.
  <div id={id} className="rule-faults" role="status">
    <ul className="plain">
      {findings.map(({ message, column, severity }) => {
        const at = Math.min(column - 1, text.length)
        return (
          <li key={`${column} ${message}`} className={severity === 'fault' ? 'fault' : 'soft small'}>
            <span>{t('rule.fault', { message, column })}</span>{' '}
            <code dir="ltr">
              {at > BEFORE && '…'}
              {text.slice(Math.max(0, at - BEFORE), at)}
              <mark>{text.slice(at, at + 1) || ' '}</mark>
              {text.slice(at + 1, at + AFTER)}
              {at + AFTER < text.length && '…'}
            </code>
          </li>
        )
      })}
    </ul>
  </div>
)
