// Installs the dependencies when they are missing or not those of package-lock.json. Runs before every npm script, on
// whatever Node the machine has (20 or later): plain JavaScript, no imports but Node's own. The scripts themselves then
// run on the Node that the install has put into node_modules/.bin.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, delimiter, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')

const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  console.error(`Fieldpost needs Node.js 20 or later to install itself; this is ${process.versions.node}.`)
  process.exit(1)
}

if (!isInstalled()) install()

/** Does node_modules hold what package-lock.json asks for? npm notes there what it has installed, when it is done. */
function isInstalled() {
  const noted = join(modules, '.package-lock.json')
  if (!existsSync(noted) || !existsSync(join(modules, '.bin', 'node'))) return false
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
    const present = JSON.parse(readFileSync(noted, 'utf8')).packages
    return Object.entries(wanted).every(([path, { version, optional }]) => {
      if (path === '') return true
      // Optional ones are binaries for other machines.
      return present[path] ? present[path].version === version : optional === true
    })
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

function install() {
  console.log('Installing dependencies (npm ci), this once …')
  // npm's own notes about the script that runs us would confuse the npm that we run.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(lifecycle|package|command|execpath|node_execpath)/i.test(name),
    ),
  )
  // npm has put node_modules/.bin first: the Node in there is about to be replaced.
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  env[pathName] = (env[pathName] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(`${sep}node_modules${sep}.bin`))
    .join(delimiter)

  // Development dependencies are what runs the server: NODE_ENV=production must not leave them out.
  const options = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const { npm_execpath: cli, npm_node_execpath: node } = process.env
  const sameNpm = cli && node && basename(cli) === 'npm-cli.js' && existsSync(cli) && !node.startsWith(modules + sep)
  const [command, args] = sameNpm ? [node, [cli, ...options]] : ['npm', options]
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: !sameNpm && process.platform === 'win32',
  })
  if (status === 0 && isInstalled()) return
  const reason = error ? error.message : signal ? `ended by ${signal}` : `exit code ${status}`
  console.error(
    `npm ci did not succeed (${reason}). Fieldpost needs the npm registry (or npm's cache) for its first start.`,
  )
  process.exit(1)
}
