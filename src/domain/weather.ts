// Whether a failure is the database's and will pass, or a fault of ours that will be there again tomorrow.
import { isD1Error, isDataFault } from '../storage/d1-errors.ts'

/** True for overload, lost connections and the like: nothing was stored, and trying again later helps. */
export const isDatabaseAway = (error: unknown): boolean => isD1Error(error) && !isDataFault(error)
