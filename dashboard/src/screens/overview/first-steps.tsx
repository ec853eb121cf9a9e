// What an empty installation says of itself: a form, a phone, a key, and the same from a terminal.
import type { ComponentChildren } from 'preact'
import { Link } from 'wouter'
import { t } from '../../i18n/i18n.ts'
import { atLeast, useMe } from '../../shell/me.ts'
import { CopyButton } from '../../ui/curl.tsx'

const script = (origin: string, email: string): string => `URL=${origin}/api/v1
pick() { node -pe "JSON.parse(require('fs').readFileSync(0, 'utf8')).$1"; }
json='content-type: application/json'
TOKEN=$(curl -s $URL/auth/login -H "$json" \\
  -d '{"email":"${email}","password":"the-password"}' | pick access_token)
auth="authorization: Bearer $TOKEN"
PROJECT=$(curl -s $URL/projects -H "$auth" -H "$json" -d '{"name":"Wells"}' | pick id)
FORM=$(curl -s $URL/forms -H "$auth" -H "$json" -d '{"project_id":"'$PROJECT'","name":"Well","schema":{"fields":[
  {"id":"village","type":"text","label":"Village","required":true},
  {"id":"depth","type":"number","label":"Depth (m)"}]}}' | pick id)
curl -s -X POST $URL/forms/$FORM/publish -H "$auth"
KEY=$(curl -s $URL/api-keys -H "$auth" -H "$json" -d '{"name":"sensor"}' | pick key)
curl -s $URL/headless/submit -H "x-api-key: $KEY" -H "$json" \\
  -d '{"form_id":"'$FORM'","data_json":{"village":"Fatick","depth":31}}'
curl -s "$URL/submissions?form_id=$FORM" -H "$auth"`

export function FirstSteps() {
  const me = useMe()
  if (!atLeast(me, 'manager')) return <p>{t('first.wait')}</p>
  const commands = script(location.origin, me.email ?? '')
  return (
    <>
      <p className="lead">{t('first.lead')}</p>
      <ol className="steps">
        <Step title={t('first.form')} about={t('first.form_about')}>
          <Link className="button primary" href="/forms?new=form">
            {t('forms.new')}
          </Link>
          <Link className="button" href="/forms?new=import">
            {t('forms.import')}
          </Link>
        </Step>
        <Step title={t('first.phone')} about={t('first.phone_about')}>
          <Link className="button" href="/devices?new=device">
            {t('devices.pair')}
          </Link>
        </Step>
        {atLeast(me, 'admin') && (
          <Step title={t('first.key')} about={t('first.key_about')}>
            <Link className="button" href="/keys?new=key">
              {t('keys.new')}
            </Link>
          </Step>
        )}
        <Step title={t('first.terminal')} about={t('first.terminal_about')}>
          <CopyButton text={commands} />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{commands}</pre>
        </Step>
      </ol>
    </>
  )
}

const Step = ({ title, about, children }: { title: string; about: string; children: ComponentChildren }) => (
  <li>
    <h2>{title}</h2>
    <p className="soft">{about}</p>
    <div className="row">{children}</div>
  </li>
)
