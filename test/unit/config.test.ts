// Settings: what is wrong stops the server at its start, by its name.
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/domain/config.ts'

const TOKEN_KEYS = 'test:0123456789abcdef0123456789abcdef'

test('hosts that webhooks may reach are a list, with blanks or without', () => {
  const hostsOf = (WEBHOOK_ALLOW_HOSTS: string) => parseConfig({ TOKEN_KEYS, WEBHOOK_ALLOW_HOSTS }).webhookAllowHosts
  expect(hostsOf('')).toEqual([])
  expect(hostsOf(' nas.lan, 10.0.0.7:8080,,[::1]:9000 ')).toEqual(['nas.lan', '10.0.0.7:8080', '[::1]:9000'])
})

test.each(['http://nas.lan', '10.0.0.0/8', '*', 'nas.lan:http', 'nas.lan;other.lan'])(
  'a list with %j is no list of hosts, and says so',
  (entry) => {
    expect(() => parseConfig({ TOKEN_KEYS, WEBHOOK_ALLOW_HOSTS: `127.0.0.1,${entry}` })).toThrow(
      "The Worker's settings are wrong. WEBHOOK_ALLOW_HOSTS: hosts, separated by commas",
    )
  },
)
