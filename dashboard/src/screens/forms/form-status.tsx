// What of a form is live, and what is not yet: seen wherever a form is.
import type { Form } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Badge } from '../../ui/small.tsx'

export function FormStatus({ form }: { form: Form }) {
  return (
    <span className="badges">
      {form.archived && <Badge tone="calm">{t('form.archived')}</Badge>}
      {form.published && !form.archived && <Badge tone="good">{t('form.live')}</Badge>}
      {form.has_draft && <Badge tone="warn">{form.published ? t('form.changes_unpublished') : t('form.draft')}</Badge>}
    </span>
  )
}
