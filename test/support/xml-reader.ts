// XML as a strict parser of other people reads it.
import { DOMParser, type Element } from '@xmldom/xmldom'

export interface XmlElement {
  name: string
  namespace: string | null
  attributes: Record<string, string>
  children: XmlElement[]
  /** Of it and all in it. */
  text: string
}

/** The root element. Throws where the text is not well-formed. */
export function readXml(text: string): XmlElement {
  const document = new DOMParser({
    onError: (level, message) => {
      // A replacement character is what we mean to write.
      if (!/replacement character/.test(message)) throw new Error(`${level}: ${message}`)
    },
  }).parseFromString(text, 'application/xml')
  return elementOf(document.documentElement!)
}

/** All elements of that name, in the order of the document. */
export const named = (element: XmlElement, name: string): XmlElement[] =>
  element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...named(child, name)])

export const childText = (element: XmlElement, name: string): string | undefined =>
  element.children.find((child) => child.name === name)?.text

function elementOf(node: Element): XmlElement {
  const children: XmlElement[] = []
  for (const child of Array.from(node.childNodes)) if (child.nodeType === 1) children.push(elementOf(child as Element))
  const attributes = Array.from(node.attributes).map(({ name, value }) => [name, value])
  return {
    name: node.localName!,
    namespace: node.namespaceURI,
    attributes: Object.fromEntries(attributes),
    children,
    text: node.textContent ?? '',
  }
}
