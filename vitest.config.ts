// Three projects: pure code in Node, everything that touches bindings in workerd with real D1, R2, queues and objects,
// and the built server as `npm start` runs it.
import { existsSync, readFileSync } from 'node:fs'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const samples = process.env.FIELDPOST_SAMPLES ?? ''
if (samples && !existsSync(samples)) throw new Error(`FIELDPOST_SAMPLES names a folder that does not exist: ${samples}`)

const testSettings = {
  TOKEN_KEYS: 'test:0123456789abcdef0123456789abcdef0123456789abcdef',
  ADMIN_EMAIL: 'chiara@example.org',
  ADMIN_PASSWORD: 'chiara-owns-it',
  PLATFORM_TOKEN: 'platform-token-of-the-tests',
  // The cheapest hash scrypt knows: what is tested is that it is checked, not how long it takes.
  SCRYPT_LOG2_N: '4',
  RATE_ADDRESS_BURST: '100000',
  RATE_USER_BURST: '100000',
  LOGIN_PER_MINUTE: '1000',
}

/** Tests in workerd have no file system: what they need of the samples comes as variables. */
const sampleSettings = samples && {
  WHO_FORM: readFileSync(`${samples}/who-va/form.xlsx`, 'base64'),
  WHO_INTERVIEWS: readFileSync(`${samples}/who-va/submissions.csv`, 'base64'),
}

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node', testTimeout: 20_000 },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: { ...testSettings, ...sampleSettings, TEST_MIGRATIONS: await readD1Migrations('./migrations') },
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['test/api/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          setupFiles: ['./test/support/setup.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'smoke',
          include: ['test/smoke/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
