// A short run of `npm run fuzz -- forms`: the same examples every time.
import { expect, test } from 'vitest'
import { FORM_PROPERTIES, tryProperty } from '../../../fuzz/forms.ts'

test.each(Object.keys(FORM_PROPERTIES))('%s', (name) => {
  expect(tryProperty(name, { seed: 1, runs: 300 }).failure).toBeNull()
})
