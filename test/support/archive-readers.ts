// Archives as other people's programs read them: Python's zipfile and Info-ZIP. For tests that run in Node; where a program
// is missing the test that needs it is skipped, visibly.
import { execFileSync, spawnSync } from 'node:child_process'

export interface ReadEntry {
  name: string
  /** Of the content as it was unpacked, which Python checks against the CRC that the archive states. */
  sha256: string
  bytes: number
  stored: boolean
  /** `2026-03-17T09:30:00`: archives have no time zone. */
  modifiedAt: string
}

export const hasPython = spawnSync('python3', ['-c', 'import zipfile']).status === 0
export const hasUnzip = spawnSync('unzip', ['-v']).status === 0

const PROGRAM = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for entry in archive.infolist():
        content = archive.read(entry)
        print(json.dumps({
            "name": entry.orig_filename, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
            "stored": entry.compress_type == zipfile.ZIP_STORED,
            "modifiedAt": "%04d-%02d-%02dT%02d:%02d:%02d" % entry.date_time,
        }))
`

/** Every entry, unpacked. Throws what Python says is wrong with the archive. */
export function readWithPython(path: string): ReadEntry[] {
  const lines = execFileSync('python3', ['-X', 'utf8', '-c', PROGRAM, path], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line): ReadEntry => JSON.parse(line))
}

/** What `unzip -t` has to say: it ends with status 0 and one sentence when nothing is wrong. */
export function testWithUnzip(path: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('unzip', ['-tq', path], { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}
