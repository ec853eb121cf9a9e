// Where a webhook may go, judged by its URL alone: https, to a public host, in whatever notation the host is written.
// What a name resolves to is not looked at here.

export interface EgressFault {
  code: 'url_invalid' | 'url_scheme' | 'url_credentials' | 'url_private' | 'url_own'
  /** For people: what is wrong and what to do. */
  message: string
}

export interface EgressOptions {
  /** `host` or `host:port` (then that port only) that may be private and may be reached by http. */
  allowHosts: readonly string[]
  /** `host` or `host:port` of this installation, never to be reached: not even when it is in `allowHosts`. */
  ownHosts: readonly string[]
}

const MAX_URL_CHARS = 2_048

/**
 * Why nothing may be sent to the URL, or null when it is safe. Fetch `new URL(url).href`: that spelling is the one that
 * was judged, with every notation of an address already in its plain form.
 */
export function egressFault(url: string, { allowHosts, ownHosts }: EgressOptions): EgressFault | null {
  // Parsers differ in what they make of these: some drop them, some end the host there.
  if (url.length > MAX_URL_CHARS || /[\s\\\p{Cc}]/u.test(url) || !URL.canParse(url))
    return fault('url_invalid', `This is not a URL of at most ${MAX_URL_CHARS} characters: https://host/path.`)
  const parsed = new URL(url)
  const { protocol, username, password } = parsed
  if (protocol !== 'https:' && protocol !== 'http:') return fault('url_scheme', 'The URL has to begin with https://.')
  if (username !== '' || password !== '')
    return fault('url_credentials', 'The URL must not contain a name or password: deliveries are signed instead.')
  const target = { host: plainHost(parsed.hostname), port: parsed.port || DEFAULT_PORT[protocol] }
  if (isAmong(ownHosts, target)) return fault('url_own', `${target.host} is this server itself.`)
  if (isAmong(allowHosts, target)) return null
  const remedy = `Whoever runs this server can allow ${target.host} by WEBHOOK_ALLOW_HOSTS.`
  if (protocol === 'http:') return fault('url_scheme', `The URL has to begin with https://. ${remedy}`)
  if (!isPublic(target.host))
    return fault('url_private', `${target.host} is not a public address, so nothing is sent there. ${remedy}`)
  return null
}

/** Whether an entry of `EgressOptions` can ever be met: a host, with or without a port. */
export const isHostEntry = (entry: string): boolean => parseEntry(entry) !== null

const fault = (code: EgressFault['code'], message: string): EgressFault => ({ code, message })

const DEFAULT_PORT = { 'https:': '443', 'http:': '80' }

interface Target {
  /** As the URL parser writes it, without the brackets of IPv6 and the dot of the DNS root. */
  host: string
  port: string | null
}

const plainHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

function parseEntry(entry: string): Target | null {
  // An IPv6 address may stand without its brackets when no port follows.
  const [, host = '', port = null] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(entry) ?? [null, `[${entry}]`]
  if (!/^[^/?#@\\\s]+$/.test(host) || !URL.canParse(`https://${host}/`)) return null
  const plain = plainHost(new URL(`https://${host}/`).hostname)
  return /^[a-z0-9_.:-]+$/.test(plain) ? { host: plain, port } : null
}

const isAmong = (entries: readonly string[], { host, port }: Target): boolean =>
  entries.some((text) => {
    const entry = parseEntry(text)
    return entry !== null && entry.host === host && (entry.port === null || entry.port === port)
  })

/** Names that never belong to anybody on the Internet: RFC 6761, 6762, 7686, 8375, 9476, ICANN's `internal`, and habit. */
const LOCAL_NAMES = new Set(
  'localhost local internal intranet private corp home lan localdomain test example invalid alt onion arpa'.split(' '),
)

function isPublic(host: string): boolean {
  if (host.includes(':')) return isPublicV6(host)
  // The parser has read every spelling of an IPv4 address: what still ends in a letter is a name.
  if (/^[\d.]+$/.test(host)) return isPublicV4(host)
  return (
    host.length <= 253 &&
    /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/.test(host) &&
    !LOCAL_NAMES.has(host.slice(host.lastIndexOf('.') + 1))
  )
}

/** IANA's special-purpose addresses, with multicast and what is reserved; and the one public address of a cloud's inside. */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].map((range) => {
  const [address, bits] = range.split('/') as [string, string]
  return { first: v4Number(address), size: 2 ** (32 - Number(bits)) }
})

function v4Number(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}

function isPublicV4(address: string): boolean {
  const number = v4Number(address)
  return !SPECIAL_V4.some(({ first, size }) => number >= first && number < first + size)
}

/**
 * Global unicast is 2000::/3; all the rest (mapped and compatible IPv4, NAT64, link-local, unique local, multicast, …) is
 * not. Inside it: 2001::/23 protocols such as Teredo, 2001:db8::/32 and 3fff::/20 documentation, 2002::/16 6to4.
 */
function isPublicV6(address: string): boolean {
  const [first = 0, second = 0] = address.split(':').map((group) => Number.parseInt(group || '0', 16))
  if (first < 0x2000 || first > 0x3fff) return false
  if (first === 0x2001) return second >= 0x200 && second !== 0xdb8
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000)
}
