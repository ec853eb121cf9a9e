// The table of all functions, by name. Both dialects have the same ones; they differ in how values are read.
import { DATE_FUNCTIONS } from './functions-date.ts'
import { LOGIC_FUNCTIONS } from './functions-logic.ts'
import { NUMBER_FUNCTIONS } from './functions-number.ts'
import { TEXT_FUNCTIONS } from './functions-text.ts'
import type { FunctionSpec } from './toolkit.ts'

const MANY = Number.POSITIVE_INFINITY
/** Known and admitted, and answered by the device alone: what they read or make is not here. */
const onDevice = (min: number, max: number): FunctionSpec => ({ min, max, device: true })

const DEVICE_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  random: onDevice(0, 0),
  uuid: onDevice(0, 1),
  randomize: onDevice(1, 2),
  digest: onDevice(2, 3),
  'extract-signed': onDevice(2, 2),
  pulldata: onDevice(4, 4),
  instance: onDevice(1, 1),
  current: onDevice(0, 0),
  search: onDevice(1, MANY),
  last: onDevice(0, 0),
  name: onDevice(0, 1),
  id: onDevice(1, 1),
  'jr:itext': onDevice(1, 1),
  version: onDevice(0, 0),
  property: onDevice(1, 1),
  intersects: onDevice(1, 1),
  geofence: onDevice(2, 2),
}

const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map(
  Object.entries({
    ...LOGIC_FUNCTIONS,
    ...TEXT_FUNCTIONS,
    ...NUMBER_FUNCTIONS,
    ...DATE_FUNCTIONS,
    ...DEVICE_FUNCTIONS,
  }),
)

export const functionNamed = (name: string): FunctionSpec | undefined => FUNCTIONS.get(name)
export const isFunctionName = (name: string): boolean => FUNCTIONS.has(name)
export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()]
