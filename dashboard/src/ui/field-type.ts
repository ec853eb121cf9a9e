// The types of questions by name.
import { word } from '../i18n/i18n.ts'

/** Keys of texts that end in `_other` are plurals, and one of the types ends so. */
export const fieldTypeName = (type: string): string => word('field_type', type.replaceAll('_', '-'))
