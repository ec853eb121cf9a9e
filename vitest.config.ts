// Five projects: pure code in Node; everything that touches bindings in workerd with real D1, R2, queues and objects;
// once more what touches several tenants, with their data on different shards; the built server as `npm start`
// runs it; and that server's dashboard in a browser.
import { existsSync, globSync, readFileSync, statfsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const samples = process.env.FIELDPOST_SAMPLES ?? ''
if (samples && !existsSync(samples)) throw new Error(`FIELDPOST_SAMPLES names a folder that does not exist: ${samples}`)

// What tests store is thrown away with them. Kept in memory, a commit need not wait for a disk.
const MEMORY = '/dev/shm'
if (!process.env.TMPDIR && existsSync(MEMORY) && freeBytes(MEMORY) > 2 ** 30) process.env.TMPDIR = MEMORY

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/**
 * The tables and indexes that the migrations lead to, as statements in order: every test begins by making them, which is
 * quicker than walking there. `npm start` applies the migrations themselves, and with it every smoke test.
 */
function schemaAfter(migrations: string): { table: string; sql: string }[] {
  const database = new DatabaseSync(':memory:')
  for (const file of globSync(`${migrations}/*.sql`).sort()) database.exec(readFileSync(file, 'utf8'))
  const made = database.prepare("SELECT tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").all()
  database.close()
  return made.map(({ tbl_name, sql }) => ({ table: String(tbl_name), sql: String(sql) }))
}

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
  TEST_SCHEMA: schemaAfter('migrations'),
}

/** Tests in workerd have no file system: what they need of the samples comes as variables. */
const sampleSettings = samples && {
  WHO_FORM: readFileSync(`${samples}/who-va/form.xlsx`, 'base64'),
  WHO_INTERVIEWS: readFileSync(`${samples}/who-va/submissions.csv`, 'base64'),
}

/** Files about what is in the directory, which is one database in any set-up. */
const DIRECTORY_TESTS = ['api-keys', 'devices', 'sessions', 'users'].map((name) => `test/api/${name}.test.ts`)

/**
 * Run again on several databases: every file about a tenant's data with more than one tenant in it, found by who appears.
 * In the others all data is in the default tenant, on shard 0 in both set-ups, and a second run would repeat the first.
 */
const testsOfSeveralTenants = globSync('test/api/*.test.ts').filter(
  (file) => !DIRECTORY_TESTS.includes(file) && /\b(dario|addTenant)\b/.test(readFileSync(file, 'utf8')),
)

/**
 * Files share a process or a workerd, one for each of those that run at a time: to start one and load everything into it
 * takes longer than most files. Storage is emptied before every test, whatever file it is in (test/support/setup.ts), and
 * spies are taken back after every file.
 */
const ISOLATE = false

/** That tests make use of: each comes with a workerd of 700 MB. */
const CORES = Math.min(availableParallelism(), 4)

/** What needs several databases by its nature. */
const SHARD_TESTS = 'test/api/shards.test.ts'

export default defineConfig({
  test: {
    // One file more at a time than there are cores: some wait for time to pass, those of the built server above all.
    maxWorkers: CORES + 1,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          isolate: ISOLATE,
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: { ...testSettings, ...sampleSettings } },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['test/api/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          exclude: [SHARD_TESTS],
          isolate: ISOLATE,
          setupFiles: ['./test/support/setup.ts'],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              d1Databases: { DB_1: 'shard-1', DB_2: 'shard-2' },
              // The default tenant is on shard 0, everybody else on shard 1.
              bindings: { ...testSettings, NEW_TENANT_SHARD: '1' },
            },
          }),
        ],
        test: {
          name: 'two-shards',
          include: [SHARD_TESTS, ...testsOfSeveralTenants],
          isolate: ISOLATE,
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
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['./test/browser/support/start.ts'],
          environment: 'node',
          // By itself, when the others are done: pages are slow beside them. And one file at a time: journeys share one world,
          // and what one of them does there (ends sessions, reviews, renames) another may be looking at.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 60_000,
        },
      },
    ],
  },
})
