// `npm run forms -- check`, as authors use it on their own machine.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sheet, smallForm, workbookOf } from '../support/workbooks.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldpost-forms-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]): { code: number | null; lines: string[]; errors: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/forms.ts', ...args], { encoding: 'utf8' })
  return { code: status, lines: stdout.replaceAll(`${folder}/`, '').trimEnd().split('\n'), errors: stderr }
}
const file = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test('a form is summed up, with its warnings', async () => {
  const [survey, ...rest] = smallForm()
  const noted = sheet('survey', [
    [...survey!.rows[0]!, 'notes'],
    [...survey!.rows[1]!, 'why'],
    ...survey!.rows.slice(2),
  ])
  const { code, lines } = run('check', file('drivers.xlsx', await workbookOf(noted, ...rest)))
  expect(lines).toEqual([
    'warning  survey row 1, notes (F1): Nothing is done with this column here. It is kept with the form and exported again.',
    'title:       Drivers',
    'form_id:     drivers',
    'version:     2026-1',
    'fields:      3: 1 text, 1 integer, 1 select_one',
    'lists:       1 of 2 options',
    'languages:   one',
    'expressions: 2: 1 relevant, 1 constraint',
    'drivers.xlsx: a form, with 1 warning.',
  ])
  expect(code).toBe(0)
})

test('what is no form yet is told fault by fault', async () => {
  const broken = await workbookOf(sheet('survey', 'type | name | label\n txt | a | A\n select_one l | b | B'))
  const { code, lines } = run(
    'check',
    file('broken.xlsx', broken),
    file('none.xlsx', Buffer.from('x')),
    join(folder, 'lost.xlsx'),
  )
  expect(lines).toEqual([
    "FAULT    survey row 2, type (A2): There is no type 'txt'. Did you mean 'text'?",
    "FAULT    survey row 3, type (A3): There is no list 'l' on the sheet choices.",
    'broken.xlsx: 2 faults, 0 warnings. This is no form yet.',
    'none.xlsx: The file is no .xlsx workbook. Save the form as .xlsx.',
    expect.stringMatching(/^lost\.xlsx: ENOENT/),
  ])
  expect(code).toBe(1)
})

test('without a file it says how it is used', () => {
  expect(run()).toMatchObject({ code: 2, errors: expect.stringContaining('check form.xlsx') })
})
