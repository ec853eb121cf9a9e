// The languages of a form, which its author names freely: `en`, `English (en)`, `Luo`.

const TAG = /^[a-z]{2,3}(?:-[A-Za-z]{2,4})?$/

/** The tag in a name, where it has one. */
export function tagOf(language: string): string | undefined {
  const named = /\(([^()]+)\)\s*$/.exec(language)?.[1] ?? language
  return TAG.test(named) ? named : undefined
}

/** The form's language for a reader of `locale`; `undefined` where it has none of theirs. */
export function languageFor(languages: readonly string[], locale: string): string | undefined {
  const base = locale.split('-')[0]!
  const name = new Intl.DisplayNames(['en'], { type: 'language' }).of(base)
  return languages.find((language) => {
    const tag = tagOf(language)
    return tag === undefined ? language === name : tag.split('-')[0] === base
  })
}
