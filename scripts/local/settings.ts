// Which environment variables reach the Worker of a local server.

/** What the Worker is told of the environment: every variable of docs/configuration.md, and nothing else. */
export const SETTINGS = [
  'TOKEN_KEYS',
  'ADMIN_EMAIL',
  'ADMIN_PASSWORD',
  'PLATFORM_TOKEN',
  'NEW_TENANT_SHARD',
  'WEBHOOK_ALLOW_HOSTS',
  'MAX_UPLOAD_MB',
  'ALLOWED_ORIGINS',
  'RATE_KEY_PER_SECOND',
  'RATE_KEY_BURST',
  'RATE_DEVICE_PER_SECOND',
  'RATE_DEVICE_BURST',
  'RATE_USER_PER_SECOND',
  'RATE_USER_BURST',
  'RATE_ADDRESS_PER_SECOND',
  'RATE_ADDRESS_BURST',
  'LOGIN_PER_MINUTE',
  'SCRYPT_LOG2_N',
] as const
