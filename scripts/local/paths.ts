// Where things are in the project folder, and the environment that Cloudflare's tools run in.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const folder = join(ROOT, 'dist')

/** What `npm run build` makes. */
export const OUTPUT = {
  folder,
  assets: join(ROOT, 'dashboard/dist'),
  workerFolder: join(folder, 'worker'),
  worker: join(folder, 'worker/worker.js'),
  miniflare: join(folder, 'miniflare.json'),
  migrations: join(folder, 'migrations.json'),
  inputsHash: join(folder, 'inputs.sha256'),
}

/** The folder of the embedded data. */
export const stateFolder = (): string => process.env.FIELDPOST_STATE || join(ROOT, '.fieldpost')

/** The tools neither report usage nor ask the network for anything that the local server doesn't need. */
export const toolEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
})
