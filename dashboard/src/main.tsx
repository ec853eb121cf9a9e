// The dashboard's first lines: the reader's language and the session are fetched side by side, then the page appears.
import { render } from 'preact'
import { App } from './app.tsx'
import { startLocale } from './i18n/i18n.ts'
import { startSession } from './session.ts'
import { startTheme } from './shell/theme.ts'
import './styles/base.css'
import './styles/parts.css'

startTheme()
await Promise.all([startLocale(), startSession()])
render(<App />, document.getElementById('app')!)
