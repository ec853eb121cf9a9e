// The `parameters` column: `start=0 end=10 step=1`.

type Parameters = Record<string, string | number | boolean>

const ENTRY = /^([\w:-]+)\s*=\s*(.+)$/

/** The parameters by name, in lower case, numbers as numbers; `undefined` when the text is none. */
export function readParameters(text: string): Parameters | undefined {
  if (text.trim() === '') return {}
  const parameters = new Map<string, string | number>()
  for (const entry of text.replace(/\s*=\s*/g, '=').split(/[\s;,]+/)) {
    if (entry === '') continue
    const [, name, value] = ENTRY.exec(entry) ?? []
    if (name === undefined || value === undefined || name === '__proto__') return undefined
    const number = Number(value)
    parameters.set(name.toLowerCase(), String(number) === value ? number : value)
  }
  return Object.fromEntries(parameters)
}

/** The text of parameters; `undefined` where one of them would be read back as something else. */
export function writeParameters(parameters: Record<string, unknown>): string | undefined {
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
  const read = readParameters(text)
  const isSame = read !== undefined && JSON.stringify(read) === JSON.stringify(parameters)
  return isSame ? text : undefined
}
