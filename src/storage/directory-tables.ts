// Directory tables: what must be found from a login, a token or a key before the tenant is known.
// They live in the binding `DB` only. Everything else is in shard-tables.ts.
import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ApiKeyId, DeviceId, ProjectId, SessionId, TenantId, UserId } from '../lib/ids.ts'

export const ROLES = ['field_worker', 'manager', 'admin'] as const
export type Role = (typeof ROLES)[number]

export const SYNC_ROLES = ['read-only', 'read-write'] as const
export type SyncRole = (typeof SYNC_ROLES)[number]

export const tenants = sqliteTable(
  'tenants',
  {
    id: text('id').primaryKey().$type<TenantId>(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    /** Which shard holds the tenant's data: 0 is `DB`, n is `DB_n`. */
    shard: integer('shard').notNull().default(0),
    status: text('status', { enum: ['active', 'suspended', 'deleted'] })
      .notNull()
      .default('active'),
    /** Rises when rows disappear wholesale; ledgers and caches of an older epoch are void. */
    dataEpoch: integer('data_epoch').notNull().default(1),
    createdAtMs: integer('created_at_ms').notNull(),
    deletedAtMs: integer('deleted_at_ms'),
  },
  (t) => [
    uniqueIndex('tenants_slug').on(t.slug),
    check('tenants_status', sql`${t.status} IN ('active', 'suspended', 'deleted')`),
  ],
)

export const users = sqliteTable(
  'users',
  {
    id: text('id').primaryKey().$type<UserId>(),
    tenantId: text('tenant_id')
      .notNull()
      .$type<TenantId>()
      .references(() => tenants.id),
    /** Trimmed and lower-cased; unique over all tenants. */
    email: text('email'),
    /** For dialects that log in by bare name; unique per tenant. */
    username: text('username'),
    passwordHash: text('password_hash').notNull(),
    isActive: integer('is_active', { mode: 'boolean' }).notNull().default(true),
    forcePasswordReset: integer('force_password_reset', { mode: 'boolean' }).notNull().default(false),
    /** A field worker made for a sync app, whose users hold copies of all records: what they may do beyond their own. */
    syncRole: text('sync_role', { enum: SYNC_ROLES }),
    createdAtMs: integer('created_at_ms').notNull(),
    lastLoginAtMs: integer('last_login_at_ms'),
  },
  (t) => [
    uniqueIndex('users_email').on(t.email),
    uniqueIndex('users_tenant_username').on(t.tenantId, t.username),
    index('users_tenant').on(t.tenantId, t.createdAtMs),
    check('users_name', sql`${t.email} IS NOT NULL OR ${t.username} IS NOT NULL`),
  ],
)

/** `project_id` '' is the membership in the tenant itself: each user has exactly one of those. */
export const memberships = sqliteTable(
  'memberships',
  {
    userId: text('user_id')
      .notNull()
      .$type<UserId>()
      .references(() => users.id),
    projectId: text('project_id').notNull().$type<ProjectId | ''>(),
    tenantId: text('tenant_id').notNull().$type<TenantId>(),
    role: text('role', { enum: ROLES }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.projectId] }),
    index('memberships_tenant').on(t.tenantId, t.projectId),
    check('memberships_role', sql`${t.role} IN ('field_worker', 'manager', 'admin')`),
  ],
)

export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').primaryKey().$type<SessionId>(),
    userId: text('user_id')
      .notNull()
      .$type<UserId>()
      .references(() => users.id),
    tenantId: text('tenant_id').notNull().$type<TenantId>(),
    /** `bearer`: the token never changes. `cookie`: it rotates, see previous_hash. */
    kind: text('kind', { enum: ['bearer', 'cookie'] }).notNull(),
    refreshHash: text('refresh_hash').notNull(),
    /** Cookie sessions: the token before the last rotation, honoured for a minute; later use revokes the session. */
    previousHash: text('previous_hash'),
    rotatedAtMs: integer('rotated_at_ms'),
    userAgent: text('user_agent').notNull().default(''),
    createdAtMs: integer('created_at_ms').notNull(),
    lastUsedAtMs: integer('last_used_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
    revokedAtMs: integer('revoked_at_ms'),
  },
  (t) => [index('sessions_user').on(t.userId, t.createdAtMs), index('sessions_expiry').on(t.expiresAtMs)],
)

export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').primaryKey().$type<ApiKeyId>(),
    tenantId: text('tenant_id')
      .notNull()
      .$type<TenantId>()
      .references(() => tenants.id),
    name: text('name').notNull().default(''),
    secretHash: text('secret_hash').notNull(),
    /** JSON array of scopes; [] means every scope a key can have. */
    scopes: text('scopes').notNull().default('[]'),
    projectId: text('project_id').$type<ProjectId>(),
    /** Intake objects that share this key's traffic (1 unless the key is very busy). */
    lanes: integer('lanes').notNull().default(1),
    createdBy: text('created_by').$type<UserId>(),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms'),
    lastUsedAtMs: integer('last_used_at_ms'),
    revokedAtMs: integer('revoked_at_ms'),
  },
  (t) => [
    index('api_keys_tenant').on(t.tenantId, t.createdAtMs),
    check('api_keys_lanes', sql`${t.lanes} BETWEEN 1 AND 8`),
  ],
)

export const devices = sqliteTable(
  'devices',
  {
    id: text('id').primaryKey().$type<DeviceId>(),
    tenantId: text('tenant_id')
      .notNull()
      .$type<TenantId>()
      .references(() => tenants.id),
    userId: text('user_id')
      .notNull()
      .$type<UserId>()
      .references(() => users.id),
    secretHash: text('secret_hash').notNull(),
    label: text('label'),
    /** What the phone calls itself; links the rows of one phone that was paired several times. */
    hardwareId: text('hardware_id'),
    /** A test device tries drafts and writes test data only. */
    mode: text('mode', { enum: ['live', 'test'] })
      .notNull()
      .default('live'),
    appVersion: text('app_version'),
    createdAtMs: integer('created_at_ms').notNull(),
    lastUsedAtMs: integer('last_used_at_ms'),
    revokedAtMs: integer('revoked_at_ms'),
  },
  (t) => [
    index('devices_tenant').on(t.tenantId, t.createdAtMs),
    index('devices_user').on(t.userId),
    index('devices_hardware').on(t.tenantId, t.hardwareId),
    check('devices_mode', sql`${t.mode} IN ('live', 'test')`),
  ],
)

export const pairingTokens = sqliteTable(
  'pairing_tokens',
  {
    tokenHash: text('token_hash').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .$type<TenantId>()
      .references(() => tenants.id),
    userId: text('user_id')
      .notNull()
      .$type<UserId>()
      .references(() => users.id),
    label: text('label'),
    mode: text('mode', { enum: ['live', 'test'] })
      .notNull()
      .default('live'),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
    usedAtMs: integer('used_at_ms'),
  },
  (t) => [index('pairing_tokens_expiry').on(t.expiresAtMs)],
)
