// How far the review of a submission is, in words and a colour.
import type { ReviewState } from '../../api/types.ts'
import { t } from '../../i18n/i18n.ts'
import { Badge, type Tone } from '../../ui/small.tsx'

const TONES: Record<ReviewState, Tone> = { received: 'calm', approved: 'good', rejected: 'bad', has_issues: 'warn' }

export const StateBadge = ({ state }: { state: ReviewState }) => (
  <Badge tone={TONES[state]}>{t(`review.${state}`)}</Badge>
)
