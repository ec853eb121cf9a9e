// `npm run db:new <name>` turns a change of the tables into the next SQL file of migrations/ (read it before commit).
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/storage/directory-tables.ts', './src/storage/shard-tables.ts'],
  out: './migrations',
})
