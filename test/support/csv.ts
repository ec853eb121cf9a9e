// Reads the sample tables: separated values, quoted where needed (RFC 4180), in the encoding they came in.

/** Rows of cells. `encoding` is a label that TextDecoder knows. */
export function readCsv(bytes: Uint8Array, separator: ',' | ';', encoding = 'utf-8'): string[][] {
  const text = new TextDecoder(encoding).decode(bytes)
  const rows: string[][] = []
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], '', false]
  const endCell = () => {
    row.push(cell)
    cell = ''
  }
  const endRow = () => {
    endCell()
    rows.push(row)
    row = []
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (isQuoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') cell += text[at++]
      else isQuoted = false
    } else if (char === '"' && cell === '') isQuoted = true
    else if (char === separator) endCell()
    else if (char === '\n') endRow()
    else if (char !== '\r') cell += char
  }
  if (cell !== '' || row.length > 0) endRow()
  return rows
}
