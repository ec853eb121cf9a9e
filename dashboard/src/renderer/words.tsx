// What authors write, as text: the few marks of Markdown that XLSForm knows. Tags of HTML are left out, never run.
import type { ComponentChildren } from 'preact'

const TAGS = /<\/?(?:span|font|div|p|b|i|u|em|strong|small|big|center|h[1-6])(?:\s[^<>]*)?>/gi
const MARKS = /\*\*(?=\S)(.+?)\*\*|__(?=\S)(.+?)__|(?<![\w*])\*(?=\S)([^*]+?)\*(?!\w)|(?<!\w)_(?=\S)([^_]+?)_(?!\w)/

export function Words({ text }: { text: string }) {
  const lines = text
    .replaceAll(TAGS, '')
    .replaceAll(/<br\s*\/?>/gi, '\n')
    .split('\n')
  if (lines.length === 1) return <>{marked(lines[0]!)}</>
  return (
    <>
      {lines.map((line, index) => (
        // Lines have no other name.
        <span key={index} className="line">
          {marked(line)}
        </span>
      ))}
    </>
  )
}

function marked(line: string): ComponentChildren {
  const heading = /^#{1,6}\s+(.*)$/.exec(line)
  if (heading) return <strong>{marked(heading[1]!)}</strong>
  const found = MARKS.exec(line)
  if (!found) return line
  const [whole, bold, underlined, italic, slanted] = found
  const inner = bold ?? underlined
  return (
    <>
      {line.slice(0, found.index)}
      {inner === undefined ? <em>{italic ?? slanted}</em> : <strong>{marked(inner)}</strong>}
      {marked(line.slice(found.index + whole.length))}
    </>
  )
}
