// Whether a failure is the database's and will pass, or a fault of ours that will be there again tomorrow.
export { isUnreachable as isDatabaseAway } from '../storage/d1-errors.ts'
