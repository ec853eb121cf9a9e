// The roles people have, lowest first. The database spells them, everybody else takes them from here.
export { ROLES, type Role, type SyncRole } from '../../storage/directory-tables.ts'
