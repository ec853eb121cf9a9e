// How the dashboard is built: React's API on Preact, one chunk per screen, nothing inline (the pages' policy forbids it).
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const inFolder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What every page needs comes in one file: on a slow link, each request costs more than its bytes. */
const SHELL =
  /node_modules\/(preact|wouter|regexparam|mitt|use-sync-external-store|hono|@tanstack\/(query-core|react-query))\/|\/dashboard\/src\/(api|i18n|shell|session|app|ui\/(?!table))|\/src\/client\.ts/
const isOfShell = (id: string): boolean => SHELL.test(id)

export default defineConfig({
  root: inFolder('.'),
  publicDir: inFolder('public'),
  cacheDir: inFolder('../node_modules/.vite/dashboard'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      { find: 'react-dom/client', replacement: 'preact/compat/client' },
      { find: 'react/jsx-runtime', replacement: 'preact/jsx-runtime' },
      { find: /^react-dom$/, replacement: 'preact/compat' },
      { find: /^react$/, replacement: 'preact/compat' },
    ],
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    cssTarget: ['chrome105', 'firefox110', 'safari15.4'],
    outDir: inFolder('dist'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What a screen may cost is checked by budgets.ts, after compression.
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'shell', test: isOfShell }] } },
      // "use client" is a word to other frameworks.
      onLog: (level, log, next) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log)
      },
    },
  },
})
