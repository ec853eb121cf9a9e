// What needs the form language, which is larger than the screen: fetched apart, soon after it is there.
export { findingsOf } from './checks.ts'
export { duplicateField, renameField } from './model/rename.ts'
