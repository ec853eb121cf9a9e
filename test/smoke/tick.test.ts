// The process around workerd carries its log lines, so it must never stand still until workerd answers: when the pipe
// between them is full, workerd waits for it, and both would wait for ever. `npm run faults` came upon that: a server that
// was started again while fifty phones were knocking.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startServer } from '../../scripts/server.ts'

test('neither starting again nor scheduled work holds up the process that carries the log', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-tick-'))
  const lines: string[] = []
  const start = () => startServer({ port: 0, stateDir, onLine: (line) => lines.push(line), onFirstAdmin: () => {} })
  try {
    // The first start migrates, when nobody knows the server yet.
    await (await start()).stop()
    lines.length = 0
    const standsStill = vi.spyOn(Atomics, 'wait')
    const server = await start()
    await server.tick()
    await server.tick()
    await server.stop()
    expect(standsStill).not.toHaveBeenCalled()
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
})
