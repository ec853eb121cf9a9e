// How the bench prints what it measured, and what it reads of the server's process.
import { readFileSync } from 'node:fs'
import type { LocalServer } from '../scripts/server.ts'
import type { LoadResult } from './load.ts'

export interface BenchOptions {
  /** Stored submissions at which everything is measured, ascending. */
  fills: number[]
  seconds: number
  /** The server's data, to be damaged from outside. */
  stateDir: string
  /** Stops the server and starts another one on the same data. */
  restart: () => Promise<LocalServer>
}

/** The head of a table of `report` lines. */
export function beginTable(): void {
  print(['what', 'at', 'per second', 'p50 ms', 'p95 ms', 'p99 ms', 'cpu µs each', 'memory MB', 'answers'])
  print(['---', '---', '---', '---', '---', '---', '---', '---', '---'])
}

/** A line: `each` is how many things (rows, submissions) one request stands for, `cpu` seconds of the server. */
export function report(what: string, at: string, each: number, result: LoadResult, cpu: number, memory: number): void {
  const statuses = Object.entries(result.statuses).map(([status, count]) => `${count} × ${status}`)
  print([
    what,
    at,
    Math.round(result.perSecond * each).toLocaleString('en'),
    result.p50Ms.toFixed(1),
    result.p95Ms.toFixed(1),
    result.p99Ms.toFixed(1),
    String(Math.round((cpu * 1e6) / (result.requests * each))),
    String(memory),
    statuses.join(', '),
  ])
}

const print = (cells: string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)

/** Resident memory of workerd. */
export function memoryMb({ workerdPid }: LocalServer): number {
  const status = readFileSync(`/proc/${workerdPid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

/** User and system time that workerd has used. */
export function cpuSeconds({ workerdPid }: LocalServer): number {
  const fields = readFileSync(`/proc/${workerdPid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
