// A request as a line for a shell: what a finding is reported as.
import type { Concrete } from './world.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const isPlain = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 10 || (byte >= 32 && byte < 127))

export function curlOf(baseUrl: string, { method, path, headers, body }: Concrete): string {
  const words = ['curl', '-i', ...(method === 'HEAD' ? ['-I'] : ['-X', method]), '--path-as-is', quoted(baseUrl + path)]
  for (const [name, value] of headers) words.push('-H', quoted(`${name}: ${value}`))
  if (!body) return words.join(' ')
  if (isPlain(body)) return [...words, '--data-binary', quoted(Buffer.from(body).toString('latin1'))].join(' ')
  return `echo ${Buffer.from(body).toString('base64')} | base64 -d | ${words.join(' ')} --data-binary @-`
}
