// Whatever was thrown, as an AppError. Input faults keep their 4xx; everything we did not expect is `internal`, with the
// cause for the log and nothing of it for the client.
import { HTTPException } from 'hono/http-exception'
import { AppError, errors } from '../domain/errors.ts'
import { isDatabaseAway } from '../domain/weather.ts'

export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof HTTPException) {
    if (thrown.status === 415) return errors.mediaTypeUnsupported('application/json')
    if (thrown.status < 500) return errors.bodyMalformed(thrown.message)
  }
  if (isDatabaseAway(thrown)) return errors.unavailable(thrown)
  return errors.internal(thrown)
}
