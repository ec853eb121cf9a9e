// Where the files of photo, audio, video, signature and file questions are while a form is being filled in. Answers hold
// only markers for them.

export interface AnswerFiles {
  /** Keeps a file and gives the marker that stands for it in the answers. */
  add: (file: File) => string
  /** The file of a marker, unless it is elsewhere: a phone's, from before. */
  open: (marker: string) => Promise<Blob | undefined>
  remove: (marker: string) => void
}

/** Files in memory, gone with the page. */
export function filesInMemory(): AnswerFiles {
  const files = new Map<string, File>()
  return {
    add: (file) => {
      const marker = `${crypto.randomUUID()}${/\.[\w]{1,8}$/.exec(file.name)?.[0] ?? ''}`
      files.set(marker, file)
      return marker
    },
    open: async (marker) => files.get(marker),
    remove: (marker) => void files.delete(marker),
  }
}
