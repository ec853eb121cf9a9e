// Where webhooks may go: a table of URLs that must be refused in every notation, one of URLs that must not, and properties
// over random addresses.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { egressFault, isHostEntry } from '../../../src/lib/egress.ts'

const NOTHING = { allowHosts: [], ownHosts: [] }
const codeOf = (url: string, options: { allowHosts?: string[]; ownHosts?: string[] } = {}) =>
  egressFault(url, { ...NOTHING, ...options })?.code ?? null

const HOSTILE: Record<string, string[]> = {
  url_invalid: [
    '',
    'notaurl',
    '/hooks',
    '//hooks.example.org/',
    'https://',
    'https:///',
    'https://256.1.1.1/',
    'https://1.2.3.4.5/',
    'https://127.0.0.1%00/',
    'https://exa mple.org/',
    ' https://hooks.example.org/',
    'https://hooks.example.org/\n',
    'ht\ttps://hooks.example.org/',
    'https://hooks.example.org\\@127.0.0.1/',
    'https:\\\\127.0.0.1\\',
    'https://hooks.example.org:99999/',
    'https://[fe80::1%25eth0]/',
    'https://[fe80::1%eth0]/',
    'https://[::1/',
    'https://[::ffff:127.0.0.1.]/',
    'https://%zz/',
    `https://hooks.example.org/${'a'.repeat(2_048)}`,
  ],
  url_scheme: [
    'http://hooks.example.org/',
    'http://127.0.0.1/',
    'ftp://hooks.example.org/',
    'file:///etc/passwd',
    'file://hooks.example.org/etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,hello',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'ws://hooks.example.org/',
    'blob:https://hooks.example.org/1',
    'HTTP://HOOKS.EXAMPLE.ORG/',
  ],
  url_credentials: [
    'https://user@hooks.example.org/',
    'https://user:secret@hooks.example.org/',
    'https://:secret@hooks.example.org/',
    'https://hooks.example.org@127.0.0.1/',
    'https://hooks.example.org%2f@127.0.0.1/',
    'https://hooks.example.org:443@10.0.0.1/',
  ],
  url_private: [
    // Loopback and unspecified, in every spelling of an IPv4 address.
    'https://127.0.0.1/',
    'https://127.0.0.1:8787/',
    'https://127.0.0.1./',
    'https://@127.0.0.1/',
    'https:127.0.0.1/',
    'https://127.1/',
    'https://127.0.0.0x/',
    'https://127.0.1/',
    'https://127.255.255.254/',
    'https://2130706433/',
    'https://2130706433./',
    'https://0x7f000001/',
    'https://0X7F.0x0.0X0.0x1/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://0177.0.0.01/',
    'https://00000177.0.0.1/',
    'https://%31%32%37.0.0.1/',
    'https://127%2e0%2e0%2e1/',
    'https://127。0。0。1/',
    'https://127.0．0｡1/',
    'https://１２７.０.０.１/',
    'https://①②⑦.⓪.⓪.①/',
    'https://𝟏𝟐𝟕.𝟎.𝟎.𝟏/',
    'https://127.0.0.\u{ad}1/',
    'https://0/',
    'https://0.0.0.0/',
    'https://0.1.2.3/',
    // Private, shared, link-local and metadata.
    'https://10.0.0.1/',
    'https://012.0.0.1/',
    'https://167772161/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://3232235777/',
    'https://100.64.0.1/',
    'https://100.100.100.200/latest/meta-data/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://168.63.129.16/',
    'https://192.0.0.192/',
    // Documentation, benchmarks, relays, multicast, reserved, broadcast.
    'https://192.0.2.1/',
    'https://198.51.100.7/',
    'https://203.0.113.9/',
    'https://198.18.0.1/',
    'https://192.88.99.1/',
    'https://224.0.0.1/',
    'https://239.255.255.250/',
    'https://240.0.0.1/',
    'https://255.255.255.255/',
    // IPv6.
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[0000:0000:0000:0000:0000:0000:0000:0001]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:0:127.0.0.1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://[64:ff9b:1::10.0.0.1]/',
    'https://[100::1]/',
    'https://[2001::1]/',
    'https://[2001:0:7f00:1::]/',
    'https://[2001:20::1]/',
    'https://[2001:db8::1]/',
    'https://[2002:7f00:1::]/',
    'https://[2002:a00:1::1]/',
    'https://[3fff::1]/',
    'https://[3fff:fff::1]/',
    'https://[5f00::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[FE80::a9fe:a9fe]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    // Names that mean this machine or this network.
    'https://localhost/',
    'https://LOCALHOST./',
    'https://ｌｏｃａｌｈｏｓｔ/',
    'https://local%68ost/',
    'https://hooks.localhost/',
    'https://localhost.localdomain/',
    'https://printer/',
    'https://metadata/computeMetadata/v1/',
    'https://metadata.google.internal/',
    'https://db.internal./',
    'https://nas.local/',
    'https://router.lan/',
    'https://wiki.corp/',
    'https://box.home.arpa/',
    'https://1.0.0.127.in-addr.arpa/',
    'https://app.test/',
    'https://hidden.onion/',
    'https://a..example.org/',
    'https://.example.org/',
    'https://hooks.example.org../',
    `https://${'a'.repeat(64)}.example.org/`,
    `https://${'a.'.repeat(130)}example.org/`,
  ],
}

describe.each(Object.entries(HOSTILE))('refused as %s', (code, urls) => {
  test.each(urls)('%j', (url) => {
    expect(codeOf(url)).toBe(code)
  })
})

test('the table is long, and names no URL twice', () => {
  const urls = Object.values(HOSTILE).flat()
  expect(urls.length).toBeGreaterThanOrEqual(60)
  expect(new Set(urls).size).toBe(urls.length)
})

test.each([
  'https://hooks.example.org/',
  'https://hooks.example.org',
  'https://hooks.example.org./',
  'https://HOOKS.example.org/a/b?c=d&e=@#f',
  'https://hooks.example.org:8443/fieldpost',
  'https://hooks_2.example.org/',
  'https://münchen.example.org/',
  'https://xn--mnchen-3ya.example.org/',
  'https://例え.jp/',
  'https://localhost.example.org/',
  'https://internal.example.org/',
  'https://127.0.0.1.example.org/',
  'https://10.example.org/',
  'https://1.1.1.1/',
  'https://8.8.8.8:8443/',
  'https://0x08.8.8.8/',
  'https://9.255.255.255/',
  'https://11.0.0.0/',
  'https://100.63.255.255/',
  'https://100.128.0.0/',
  'https://126.255.255.255/',
  'https://128.0.0.0/',
  'https://168.63.129.17/',
  'https://169.253.255.255/',
  'https://172.15.255.255/',
  'https://172.32.0.0/',
  'https://192.0.1.0/',
  'https://192.167.255.255/',
  'https://192.169.0.0/',
  'https://198.17.255.255/',
  'https://198.20.0.0/',
  'https://223.255.255.255/',
  'https://[2001:4860:4860::8888]/',
  'https://[2001:200::1]/',
  'https://[2606:4700:4700::1111]:8443/x',
  'https://[3fff:1000::1]/',
])('allowed: %s', (url) => {
  expect(egressFault(url, NOTHING)).toBeNull()
})

describe('hosts that the operator allows', () => {
  test('may be private and reached by http, in any notation, and only they', () => {
    const options = { allowHosts: ['127.0.0.1', 'nas.lan', '[fd00::7]', 'fd00::8', 'Büro.lan'] }
    for (const url of [
      'http://127.0.0.1:9000/',
      'https://127.1/',
      'http://0x7f000001/',
      'http://nas.lan./hooks',
      'http://NAS.lan/',
      'http://[fd00::7]:8080/',
      'http://[fd00:0::8]/',
      'http://büro.lan/',
    ])
      expect([url, codeOf(url, options)]).toEqual([url, null])
    expect(codeOf('http://127.0.0.2/', options)).toBe('url_scheme')
    expect(codeOf('https://127.0.0.2/', options)).toBe('url_private')
    expect(codeOf('https://other.nas.lan/', options)).toBe('url_private')
    expect(codeOf('http://user@127.0.0.1/', options)).toBe('url_credentials')
    expect(codeOf('ftp://127.0.0.1/', options)).toBe('url_scheme')
  })

  test('with a port are allowed on that port alone', () => {
    const options = { allowHosts: ['127.0.0.1:9000', 'nas.lan:80', '[::1]:443'] }
    expect(codeOf('http://127.0.0.1:9000/', options)).toBeNull()
    expect(codeOf('http://127.0.0.1:9001/', options)).toBe('url_scheme')
    expect(codeOf('https://127.0.0.1/', options)).toBe('url_private')
    expect(codeOf('http://nas.lan/', options)).toBeNull()
    expect(codeOf('https://nas.lan/', options)).toBe('url_private')
    expect(codeOf('https://[::1]/', options)).toBeNull()
  })

  test('that are no hosts allow nothing', () => {
    const wrong = [
      '',
      '*',
      ':80',
      'http://127.0.0.1',
      '127.0.0.1/8',
      'a b',
      '127.0.0.1:',
      '127.0.0.1:http',
      '[::1',
      '@',
    ]
    for (const entry of wrong) expect([entry, isHostEntry(entry)]).toEqual([entry, false])
    expect(codeOf('http://127.0.0.1/', { allowHosts: wrong })).toBe('url_scheme')
    expect(codeOf('https://127.0.0.1/', { allowHosts: wrong })).toBe('url_private')
  })
})

test('the server itself is never reached, allowed or not', () => {
  const ownHosts = ['field.example.org', '127.0.0.1:8787']
  expect(codeOf('https://field.example.org/api/v1/headless/submit', { ownHosts })).toBe('url_own')
  expect(codeOf('https://FIELD.example.org.:8443/', { ownHosts })).toBe('url_own')
  expect(codeOf('http://field.example.org/', { ownHosts })).toBe('url_own')
  expect(codeOf('https://hooks.field.example.org/', { ownHosts })).toBeNull()
  const allowHosts = ['127.0.0.1']
  expect(codeOf('http://127.0.0.1:8787/', { ownHosts, allowHosts })).toBe('url_own')
  expect(codeOf('http://2130706433:8787/', { ownHosts, allowHosts })).toBe('url_own')
  expect(codeOf('http://127.0.0.1:9000/', { ownHosts, allowHosts })).toBeNull()
})

test('a fault says what is wrong and what to do', () => {
  expect(egressFault('https://0x7f.1/', NOTHING)).toEqual({
    code: 'url_private',
    message:
      '127.0.0.1 is not a public address, so nothing is sent there. Whoever runs this server can allow 127.0.0.1 by WEBHOOK_ALLOW_HOSTS.',
  })
})

describe('of any IPv4 address', () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  const decimal = ([a, b, c, d]: number[]) => ((a! * 256 + b!) * 256 + c!) * 256 + d!

  test('all spellings are judged alike', () => {
    fc.assert(
      fc.property(octets, (parts) => {
        const number = decimal(parts)
        const [a, b, c, d] = parts
        const plain = codeOf(`https://${parts.join('.')}/`)
        for (const host of [
          `${parts.join('.')}.`,
          String(number),
          `0x${number.toString(16)}`,
          `0${number.toString(8)}`,
          parts.map((part) => `0x${part.toString(16)}`).join('.'),
          parts.map((part) => `0${part.toString(8)}`).join('.'),
          `${a}.${b}.${c * 256 + d}`,
          `${a}.${decimal([0, b, c, d])}`,
          parts.join('。'),
          [...parts.join('.')]
            .map((char) => (char === '.' ? char : String.fromCodePoint(0xff10 + Number(char))))
            .join(''),
          [...parts.join('.')].map((char) => `%${char.charCodeAt(0).toString(16)}`).join(''),
        ])
          expect([host, codeOf(`https://${host}/`)]).toEqual([host, plain])
      }),
    )
  })

  test('what embeds it in IPv6 is refused, public or not', () => {
    fc.assert(
      fc.property(octets, ([a, b, c, d]) => {
        const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
        for (const host of [
          `::${a}.${b}.${c}.${d}`,
          `::ffff:${a}.${b}.${c}.${d}`,
          `::ffff:0:${hex}`,
          `64:ff9b::${hex}`,
          `2002:${hex}::`,
          `2001:0:${hex}::`,
        ])
          expect([host, codeOf(`https://[${host}]/`)]).toEqual([host, 'url_private'])
      }),
    )
  })
})

test('any text is judged without an exception, and what passes is https to a public spelling of itself', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(
      'https://',
      'http:',
      '/',
      '@',
      ':',
      '[',
      ']',
      '.',
      '%',
      '127.0.0.1',
      '::1',
      'example.org',
      'localhost',
      '0x',
    ),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.webUrl({ validSchemes: ['https'] }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const url = pieces.join('')
      if (egressFault(url, NOTHING) !== null) return
      const { protocol, href } = new URL(url)
      expect(protocol).toBe('https:')
      expect(egressFault(href, NOTHING)).toBeNull()
    }),
    { numRuns: 2_000 },
  )
})
