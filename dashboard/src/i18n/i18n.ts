// Texts in the reader's language: one JSON file per language in locales/, named by its tag; a further language is one
// further file. Fetched, not bundled, so that nobody loads a language that is not theirs.
import { useSyncExternalStore } from 'react'
import type english from './locales/en.json'

export type TextKey = keyof typeof english
type Plural = TextKey extends infer K ? (K extends `${infer Stem}_other` ? Stem : never) : never
export type TextName = TextKey | Plural
export type TextParams = Record<string, string | number>

const files = import.meta.glob<string>('./locales/*.json', { query: '?url', import: 'default', eager: true })
const urls = new Map(Object.entries(files).map(([path, url]) => [/([\w-]+)\.json$/.exec(path)![1]!, url]))

export const LOCALES: readonly string[] = [...urls.keys()].sort()
const CHOICE = 'fieldpost.locale'
const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|sd|ug|yi|dv|ckb|ku-Arab)\b/

let locale = 'en'
/** The reader's region, for dates and numbers, where the browser names one with our language. */
let region = 'en'
let texts: Partial<Record<string, string>> = {}
let plurals = new Intl.PluralRules('en')
const listeners = new Set<() => void>()

export const currentLocale = (): string => locale

export const useLocale = (): string =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => locale,
  )

/** The language that was chosen here, or else the first of the browser's that we speak. */
export async function startLocale(): Promise<void> {
  const wanted = [localStorage.getItem(CHOICE), ...navigator.languages].filter((tag) => tag !== null)
  const spoken = wanted.flatMap((tag) => [tag, tag.split('-')[0]!]).find((tag) => urls.has(tag))
  await load(spoken ?? 'en')
}

export async function chooseLocale(tag: string): Promise<void> {
  await load(tag)
  localStorage.setItem(CHOICE, tag)
  for (const listener of listeners) listener()
}

async function load(tag: string): Promise<void> {
  const response = await fetch(urls.get(tag)!)
  if (!response.ok) throw new Error(`The texts of ${tag} did not arrive: HTTP ${response.status}`)
  texts = (await response.json()) as Record<string, string>
  locale = tag
  region = navigator.languages.find((one) => one.split('-')[0] === tag.split('-')[0]) ?? tag
  plurals = new Intl.PluralRules(tag)
  made.clear()
  document.documentElement.lang = tag
  document.documentElement.dir = RIGHT_TO_LEFT.test(tag) ? 'rtl' : 'ltr'
}

/** The text of `key` with its `{names}` filled in. With `count`, the plural form of the language: `key_one`, `key_other`. */
export function t(key: TextName, params: TextParams = {}): string {
  const { count } = params
  const plural = typeof count === 'number' ? texts[`${key}_${plurals.select(count)}`] : undefined
  const text = plural ?? texts[key] ?? texts[`${key}_other`] ?? key
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    return value === undefined ? whole : typeof value === 'number' ? formatNumber(value) : value
  })
}

/** The text of a key that is put together from data; the data itself when we have no word for it. */
export const word = (prefix: string, value: string): string => texts[`${prefix}.${value}`] ?? value

/** Formatters by what they are for: to make one takes longer than to draw a row. Forgotten with the language. */
const made = new Map<string, unknown>()

function once<Formatter>(key: string, make: () => Formatter): Formatter {
  if (!made.has(key)) made.set(key, make())
  return made.get(key) as Formatter
}

export const formatNumber = (value: number): string => once('number', () => new Intl.NumberFormat(region)).format(value)

export const formatShare = (share: number): string =>
  new Intl.NumberFormat(region, { style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(
    share,
  )

/** A day, a month or a year of no time zone: `2026-11-20`, `2026-11`, `2026`. */
export function formatDay(day: string): string {
  if (day.length === 4) return day
  const style = day.length === 7 ? ({ month: 'short', year: 'numeric' } as const) : ({ dateStyle: 'medium' } as const)
  return new Intl.DateTimeFormat(region, { ...style, timeZone: 'UTC' }).format(new Date(day))
}

export function formatTime(iso: string, style: 'short' | 'medium' = 'short'): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  const make = () => new Intl.DateTimeFormat(region, { dateStyle: 'medium', timeStyle: style })
  return once(`time ${style}`, make).format(date)
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** How long ago, or until: `3 hours ago`. */
export function formatAgo(iso: string, nowMs = Date.now()): string {
  const seconds = (new Date(iso).getTime() - nowMs) / 1000
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  const make = () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  return once('ago', make).format(Math.trunc(seconds / size), unit)
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

export function formatBytes(bytes: number): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), BYTE_UNITS.length - 1)
  const unit = BYTE_UNITS[step]!
  const options = { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits: 1 } as const
  return once(unit, () => new Intl.NumberFormat(region, options)).format(bytes / 1000 ** step)
}
