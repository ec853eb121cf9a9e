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

/** Rows of cells, or an error where the text is not exactly what RFC 4180 allows: CRLF behind every row, quotes doubled
 *  and only around whole cells, as many cells in each row. */
export function readStrictCsv(text: string): string[][] {
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y
  const rows: string[][] = []
  let row: string[] = []
  while (cell.lastIndex < text.length) {
    const from = cell.lastIndex
    const match = cell.exec(text)
    if (!match) throw new Error(`No RFC 4180 cell at ${from}: ${JSON.stringify(text.slice(from, from + 60))}`)
    const [, raw, end] = match
    row.push(raw!.startsWith('"') ? raw!.slice(1, -1).replaceAll('""', '"') : raw!)
    if (end === ',') continue
    if (rows[0] && rows[0].length !== row.length)
      throw new Error(`${row.length} cells in row ${rows.length}, not ${rows[0].length}`)
    rows.push(row)
    row = []
  }
  if (row.length > 0) throw new Error('The last row does not end')
  return rows
}
