// A form in use by the thousands, as a whole: the WHO 2016 verbal autopsy questionnaire, 612 rows in two languages, and
// a sister version of it. Runs where FIELDPOST_SAMPLES names the folder that holds them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkFormSchema } from '../../../src/forms/check.ts'
import { type CompiledForm, compileForm } from '../../../src/forms/compile.ts'
import { parseExpression } from '../../../src/forms/expression/parse.ts'
import { expressionsOf } from '../../../src/forms/outline.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { everyField } from '../../../src/forms/uids.ts'
import { examineAnswers } from '../../../src/forms/validate.ts'
import { sentenceOf } from '../../../src/forms/xlsform/findings.ts'
import { readXlsform, type XlsformForm } from '../../../src/forms/xlsform/read.ts'
import { writeXlsform } from '../../../src/forms/xlsform/write.ts'
import { readWorkbook, writeWorkbook } from '../../../src/lib/workbook.ts'
import { readInterviews, sisterSheets } from '../../support/who-va.ts'

const samples = process.env.FIELDPOST_SAMPLES
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(samples!, 'who-va', name)))

/** The form of a workbook, with the warnings as sentences. */
async function importOf(bytes: Uint8Array): Promise<{ form: XlsformForm; warnings: string[] }> {
  const read = readXlsform(await readWorkbook(bytes))
  if (!read.ok) throw new Error(read.faults.map(sentenceOf).join('\n'))
  return { form: read.form, warnings: read.warnings.map(sentenceOf) }
}

const count = (fields: readonly Field[], key: string) =>
  fields.flatMap((field) => expressionsOf(field)).filter((site) => site.key === key).length

describe.skipIf(!samples)('the WHO questionnaire (FIELDPOST_SAMPLES)', () => {
  let form: XlsformForm
  let warnings: string[]
  let fields: Field[]

  beforeAll(async () => {
    ;({ form, warnings } = await importOf(bytesOf('form.xlsx')))
    fields = everyField(form.schema.fields)
  })

  test('imports without a fault, every row and every rule of it', () => {
    expect(form).toMatchObject({ title: '2016 WHO Verbal Autopsy Form 1.5.2.6', formId: 'va_who_v1_5_2', version: '4' })
    expect(form.schema).toMatchObject({ dialect: 'xlsform', default_language: 'English' })
    // 578 names, and the questions that `or_other` adds.
    expect(fields).toHaveLength(578 + fields.filter(({ id }) => id.endsWith('_other')).length)
    expect(fields.filter(({ type }) => type === 'group')).toHaveLength(32)
    const added = fields.filter(({ id }) => id.endsWith('_other')).length
    expect(count(fields, 'relevant')).toBe(427 + added)
    expect(count(fields, 'constraint')).toBe(96)
    expect(count(fields, 'calculation')).toBe(46)
    expect(fields.find(({ id }) => id === 'Id10008')!.label).toMatchObject({
      English: expect.stringMatching(/relationship/),
      Luo: expect.any(String),
    })
  })

  test('has nothing but warnings that say what they are about', () => {
    expect(warnings).toEqual([
      'survey row 1, bind::odk:length (Q1): Nothing is done with this column here. It is kept with the form and exported again.',
      "survey row 3, type (A3): 'phonenumber' is noted by ODK devices alone. It is kept, and exported again.",
      "survey row 4, type (A4): 'simserial' is noted by ODK devices alone. It is kept, and exported again.",
      "survey row 158, relevant (G158): character 45: 'NaN' is no option of 'Id10114'.",
      "survey row 158, relevant (G158): character 167: 'NaN' is no option of 'Id10098'.",
      "survey row 159, relevant (G159): character 46: 'NaN' is no option of 'Id10114'.",
      "survey row 428, relevant (G428): character 467: 'NaN' is no option of 'Id10300'.",
    ])
  })

  test('every expression parses and passes the static check', () => {
    const unparsed = fields.flatMap((field) =>
      expressionsOf(field).flatMap(({ key, text }) => {
        const parsed = parseExpression(text, 'xlsform')
        return parsed.ok ? [] : [`${field.id} ${key}: ${parsed.fault.message}`]
      }),
    )
    expect(unparsed).toEqual([])
    expect(checkFormSchema(form.schema)).toEqual([])
  })

  test('exports and imports again to the same form', async () => {
    const { sheets, tooLong } = writeXlsform(form.schema, { key: form.formId, version: form.version })
    expect(tooLong).toEqual([])
    const again = await importOf(await writeWorkbook(sheets))
    expect(again.form).toEqual(form)
    expect(JSON.stringify(again.form)).toBe(JSON.stringify(form))
  })

  test('a sister version, built from tables in an old encoding, imports as well', async () => {
    const sister = await importOf(await writeWorkbook(sisterSheets(bytesOf)))
    expect(sister.form).toMatchObject({ title: '2016 WHO Verbal Autopsy Form 1.5.2', version: '2019101701' })
    expect(everyField(sister.form.schema.fields).length).toBeGreaterThan(500)
    expect(sister.warnings.filter((line) => !line.includes("'NaN' is no option"))).toEqual([])
    const options = sister.form.schema.choices!.age_group!.map(({ label }) => label)
    expect(options[0]).toEqual({ English: 'Neonate', French: 'nouveau-né' })
    const { sheets } = writeXlsform(sister.form.schema, { key: 'k', version: '1' })
    expect((await importOf(await writeWorkbook(sheets))).form.schema).toEqual(sister.form.schema)
  })

  test('an interview of it takes a bounded amount of work, and every answer that was asked for is looked at', () => {
    const compiled: CompiledForm = compileForm(form.schema)
    const { interviews, unknown } = readInterviews(bytesOf('submissions.csv'), fields)
    expect(unknown).toEqual(['SubmissionDate', 'instanceID', 'KEY'])
    expect(interviews).toHaveLength(54)
    const steps = interviews.map(({ data }) => examineAnswers(compiled, data).steps)
    expect(Math.max(...steps)).toBeLessThan(10_000)
  })
})
