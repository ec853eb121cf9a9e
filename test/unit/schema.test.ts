// What every table promises: rows of a shard are found through their tenant, and SQLite checks the types.
import { globSync, readFileSync } from 'node:fs'
import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { describe, expect, test } from 'vitest'
import * as directoryTables from '../../src/storage/directory-tables.ts'
import * as shardTables from '../../src/storage/shard-tables.ts'

const tablesOf = (module: object) =>
  Object.values(module)
    .filter((value): value is SQLiteTable => is(value, SQLiteTable))
    .map((table) => getTableConfig(table))

const nameOf = (column: unknown): string => (column as { name?: string }).name ?? '(expression)'

describe('shard tables', () => {
  const tables = tablesOf(shardTables)

  test('there are some', () => {
    expect(tables.length).toBeGreaterThan(5)
  })

  test.each(tables.map((table) => [table.name, table] as const))(
    '%s: tenant_id leads every key and index',
    (_, table) => {
      const keys = [
        ...table.primaryKeys.map(({ columns }) => columns.map(nameOf)),
        ...table.columns.filter(({ primary }) => primary).map(({ name }) => [name]),
        ...table.uniqueConstraints.map(({ columns }) => columns.map(nameOf)),
        ...table.columns.filter(({ isUnique }) => isUnique).map(({ name }) => [name]),
        ...table.indexes.map(({ config }) => config.columns.map(nameOf)),
      ]
      expect(keys.length).toBeGreaterThan(0)
      expect(keys.filter(([first]) => first !== 'tenant_id')).toEqual([])
    },
  )
})

describe('migrations', () => {
  const files = globSync('migrations/*.sql').sort()
  const created = files.flatMap((file) => {
    const sql = readFileSync(file, 'utf8')
    return [...sql.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?[`"]?(\w+)[`"]? \([\s\S]*?\n\)([^;]*);/g)].map(
      ([, name, options]) => ({ file, name: name!, options: options! }),
    )
  })

  test('every CREATE TABLE is understood by this test', () => {
    const count = files.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('CREATE TABLE').length - 1, 0)
    expect(created.length).toBe(count)
    expect(count).toBeGreaterThan(0)
  })

  test('every table is STRICT', () => {
    expect(created.filter(({ options }) => !/\bSTRICT\b/.test(options))).toEqual([])
  })

  test('every table of the code is created', () => {
    const names = new Set(created.map(({ name }) => name))
    const wanted = [...tablesOf(directoryTables), ...tablesOf(shardTables)].map(({ name }) => name)
    expect(wanted.filter((name) => !names.has(name))).toEqual([])
  })
})
