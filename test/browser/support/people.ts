// Who walks through the dashboard in its tests.
export const PEOPLE = {
  admin: { email: 'chiara@example.org', password: 'chiara-owns-it' },
  manager: { email: 'bruno@example.org', password: 'bruno-reviews-it' },
  worker: { email: 'amina@example.org', password: 'amina-collects-it' },
  /** Whose sessions a journey ends: nobody else goes by this name. */
  leaver: { email: 'lena@example.org', password: 'lena-leaves-at-once' },
  /** Has to choose a password of her own. */
  newcomer: { email: 'nadia@example.org', password: 'from-the-admin' },
}
export type Person = keyof typeof PEOPLE
