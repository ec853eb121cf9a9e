// A text that is taken over when it is left or Enter is pressed: half of it would be wrong, or would mean something else.
import { useEffect, useState } from 'react'
import { TextField } from '../../ui/form.tsx'

interface Props {
  label: string
  name: string
  value: string
  /** What to say of the text as it is typed. */
  hintOf: (typed: string) => string | undefined
  /** Called with another text than `value`; false: it is not taken, and what was is shown again. */
  onTake: (typed: string) => boolean
}

export function Typed({ label, name, value, hintOf, onTake }: Props) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const take = () => {
    if (typed !== value && !onTake(typed)) setTyped(value)
  }
  return (
    // Ctrl+Z belongs to the text here, until it is taken over.
    // biome-ignore lint/a11y/noStaticElementInteractions: the field inside is what is used
    <div data-own-undo onFocusOut={take} onKeyDown={(event) => event.key === 'Enter' && take()}>
      <TextField label={label} name={name} value={typed} hint={hintOf(typed)} onValue={setTyped} />
    </div>
  )
}
