// What keeps a form from being done, each with the way to its question.
import { useId } from 'react'
import type { FillableForm } from '../../../src/forms/filling.ts'
import type { Fault } from '../../../src/forms/validate.ts'
import { t } from '../i18n/i18n.ts'
import { nameOf, sentenceOf } from './fault-text.ts'

const LISTED = 50

interface Props {
  form: FillableForm
  faults: readonly Fault[]
  language: string | undefined
  onJump: (path: string) => void
}

export function FaultSummary({ form, faults, language, onJump }: Props) {
  const id = useId()
  return (
    <section className="fault-summary notice" tabIndex={-1} aria-labelledby={id}>
      <div>
        <strong id={id}>{t('fill.faults', { count: faults.length })}</strong>
        <ul>
          {faults.slice(0, LISTED).map((fault) => (
            <li key={fault.path}>
              <button type="button" className="link" onClick={() => onJump(fault.path)}>
                <span dir="auto">{nameOf(form, fault.path, language)}</span>
              </button>{' '}
              <span dir="auto">{sentenceOf(form, fault, language)}</span>
            </li>
          ))}
        </ul>
        {faults.length > LISTED && <p>{t('fill.faults_more', { count: faults.length - LISTED })}</p>}
      </div>
    </section>
  )
}
