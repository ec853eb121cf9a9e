// One batch of the Intake object: of requests in flight, or of what is drained.
export const MAX_GROUP_ROWS = 2_000
export const MAX_GROUP_CHARS = 4_000_000
