// Which kind of question is added.
import type { FieldType } from '../../../../src/forms/field-types.ts'
import { t, word } from '../../i18n/i18n.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { fieldTypeName } from '../../ui/field-type.ts'
import { TYPE_GROUPS } from './model/new-field.ts'

interface Props {
  onChoose: (type: FieldType) => void
  onClose: () => void
}

export const TypeDialog = ({ onChoose, onClose }: Props) => (
  <Dialog title={t('builder.add')} wide onClose={onClose}>
    <div className="type-groups">
      {TYPE_GROUPS.map(({ name, types }) => (
        <section key={name} aria-labelledby={`types-${name}`}>
          <h3 id={`types-${name}`}>{word('field_group', name)}</h3>
          <ul className="plain">
            {types.map((type) => (
              <li key={type}>
                <button type="button" className="type-choice" onClick={() => onChoose(type)}>
                  {fieldTypeName(type)}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
    <div className="dialog-actions">
      <button type="button" onClick={onClose}>
        {t('action.cancel')}
      </button>
    </div>
  </Dialog>
)
