// What a live room sends to its listeners: the digits of a seq, or this, which has them look whether they still may listen.
export const RECHECK = 'recheck'
