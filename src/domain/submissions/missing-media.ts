// Photos and files that a submission's answers name and that nobody has uploaded. Not a stored state: it follows from the
// answers and the media rows. Finding such submissions is in lacking.ts.
import { type MediaAnswer, mediaAnswers } from '../../forms/media-answers.ts'
import type { MediaSummary } from '../../storage/media.ts'
import type { StoredSubmission } from '../../storage/submissions.ts'
import type { Ctx } from '../context.ts'
import { loadVersion } from '../forms/versions.ts'

/** A submission with its answers as JSON text. */
type Answered = Pick<StoredSubmission, 'formVersionId' | 'dataKind'> & { data: string }

/** What a submission lacks, given the files it has. */
export async function missingMediaOf(ctx: Ctx, submission: Answered, files: MediaSummary[]): Promise<MediaAnswer[]> {
  const answers = await mediaAnswersOf(ctx, submission)
  return answers.length === 0 ? [] : without(answers, files)
}

/** The files that the answers name. */
export async function mediaAnswersOf(ctx: Ctx, { formVersionId, dataKind, data }: Answered): Promise<MediaAnswer[]> {
  if (formVersionId === null || dataKind !== 'json') return []
  const version = await loadVersion(ctx, formVersionId)
  return version ? mediaAnswers(version.form, JSON.parse(data) as Record<string, unknown>) : []
}

/**
 * The answers for which no file is there. A file stands for the answer that has its name; names may differ, because
 * uploads are renamed, so a file that stands for none by name stands for the next that is left in its field and row. A
 * client that tells no row leaves its files to the field as a whole.
 */
export function without(answers: MediaAnswer[], files: MediaSummary[]): MediaAnswer[] {
  let left = answers
  const take = (fits: (answer: MediaAnswer, file: MediaSummary) => boolean, unused: MediaSummary[]): MediaSummary[] =>
    unused.filter((file) => {
      const index = left.findIndex((answer) => answer.fieldId === file.fieldId && fits(answer, file))
      if (index >= 0) left = left.toSpliced(index, 1)
      return index < 0
    })
  const sameRow = (answer: MediaAnswer, file: MediaSummary) => answer.repeatPath === file.repeatPath
  const sameName = (answer: MediaAnswer, file: MediaSummary) => baseName(answer.marker) === baseName(file.filename)
  let unused = take((answer, file) => sameRow(answer, file) && sameName(answer, file), files)
  unused = take(sameRow, unused)
  const rowless = unused.filter(({ repeatPath }) => repeatPath === '')
  take(() => true, take(sameName, rowless))
  return left
}

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase()
