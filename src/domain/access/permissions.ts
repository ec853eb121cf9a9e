// The permission matrix: who may do what, as one table. Every endpoint of every protocol names one verb of it, and
// `authorize` (authorize.ts) is the only reader. docs/permissions.md is printed from here.
import type { Role } from '../../storage/directory-tables.ts'

export const KEY_SCOPES = ['forms:read', 'submissions:write', 'changes:read'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

/** What a key has only if it was said: the key of a sensor in the field must not open everybody's answers. */
export const EXPLICIT_SCOPES: readonly KeyScope[] = ['changes:read']

export interface Permission {
  about: string
  /** Anybody, without a credential. */
  public?: true
  /** The platform operator's token. */
  platform?: true
  /** Users with at least this role, in the tenant or (where the thing has one) in its project. */
  user?: Role
  /** The thing belongs to the whole tenant: a role in a project counts for nothing. */
  tenantWide?: true
  /** Closed to users who may only read, and to their devices. */
  sends?: true
  /** Paired devices. */
  device?: true
  /** API keys that have this scope. */
  key?: KeyScope
}

export const PERMISSIONS = {
  'health.read': { about: 'Ask whether the server is well', public: true },
  'docs.read': { about: 'Read the description of the API', public: true },
  'session.create': { about: 'Log in, refresh', public: true },
  'session.end': { about: 'Log out', user: 'field_worker' },
  'self.read': { about: 'Read the own account', user: 'field_worker' },
  'self.update': { about: 'Change the own password', user: 'field_worker' },
  'user.read': { about: 'List users', user: 'admin', tenantWide: true },
  'user.write': {
    about: 'Create, change, deactivate users, reset passwords, end sessions',
    user: 'admin',
    tenantWide: true,
  },
  'key.read': { about: 'List API keys', user: 'admin', tenantWide: true },
  'key.write': { about: 'Create, change, revoke API keys', user: 'admin', tenantWide: true },
  'pairing.create': { about: 'Make a pairing token', user: 'manager', tenantWide: true },
  'pairing.redeem': { about: 'Pair a device', public: true },
  'device.read': { about: 'List devices (field workers: their own)', user: 'field_worker' },
  'device.write': { about: 'Rename or revoke devices (field workers: their own)', user: 'field_worker' },
  'device.hand_over': { about: 'Give a device to another user', user: 'manager', tenantWide: true },
  'device.report': { about: 'Tell what the device still holds', device: true },
  'settings.read': { about: 'Read settings', user: 'field_worker' },
  'settings.write': { about: 'Change settings', user: 'admin', tenantWide: true },
  'project.read': { about: 'List and read projects', user: 'field_worker' },
  'project.create': { about: 'Create projects', user: 'manager', tenantWide: true },
  'project.update': { about: 'Change projects', user: 'manager' },
  'project.delete': { about: 'Delete empty projects', user: 'admin' },
  'form.read': { about: 'List, read, compare and export forms and their versions', user: 'field_worker' },
  'form.write': { about: 'Create, import, change, publish, archive forms', user: 'manager' },
  'form.delete': { about: 'Delete forms with all their submissions', user: 'admin' },
  'offer.read': { about: 'Fetch the forms offered to a device', device: true },
  'submission.create': { about: 'Send submissions', user: 'field_worker', sends: true, device: true },
  'submission.read': { about: 'Read submissions (field workers: their own)', user: 'field_worker' },
  'submission.export': { about: 'Export submissions (field workers: their own)', user: 'field_worker' },
  'submission.update': {
    about: 'Edit submissions (field workers: their own, until they are reviewed)',
    user: 'field_worker',
    sends: true,
  },
  'submission.delete': {
    about: 'Delete and restore submissions (field workers: their own)',
    user: 'field_worker',
    sends: true,
  },
  'submission.erase': { about: 'Erase submissions for good', user: 'admin' },
  'submission.review': { about: 'Approve and reject submissions, accept faulty edits', user: 'manager' },
  'submission.comment': {
    about: 'Comment on submissions (field workers: their own)',
    user: 'field_worker',
    sends: true,
  },
  'submission.bulk': { about: 'Delete, restore, review many submissions at once', user: 'manager' },
  'webhook.read': { about: 'List webhooks, read their deliveries', user: 'manager' },
  'webhook.write': { about: 'Create, change, pause, test, delete webhooks; send deliveries again', user: 'manager' },
  'quarantine.read': { about: 'Read what could not be stored', user: 'manager', tenantWide: true },
  'quarantine.settle': { about: 'Replay or discard what could not be stored', user: 'manager', tenantWide: true },
  'dashboard.read': { about: "Read the tenant's figures", user: 'manager', tenantWide: true },
  'media.upload': {
    about: 'Upload photos and files of a submission',
    user: 'field_worker',
    sends: true,
    device: true,
  },
  'media.read': {
    about: 'Download photos and files (field workers and devices: of their own submissions)',
    user: 'field_worker',
    device: true,
  },
  'changes.read': {
    about: 'Follow the changes feed (managers of single projects: of those)',
    user: 'manager',
    key: 'changes:read',
  },
  'sync.pull': {
    about: 'Fetch records and files with a sync app (field workers who were not made for one: their own)',
    user: 'field_worker',
  },
  'sync.push': {
    about: 'Send, change and delete records with a sync app (field workers who were not made for one: their own)',
    user: 'field_worker',
    sends: true,
  },
  'sync.reset': { about: 'Begin a sync repository anew', user: 'admin', tenantWide: true },
  'bundle.read': { about: 'Fetch app bundles', user: 'field_worker' },
  'bundle.write': { about: 'Upload app bundles, say which one is handed out', user: 'admin', tenantWide: true },
  'server.read': { about: 'Read what the server runs on', user: 'field_worker' },
  'audit.read': { about: 'Read the audit log', user: 'admin', tenantWide: true },
  'link.create': { about: 'Make a signed link to a file', user: 'field_worker' },
  'link.follow': { about: 'Download by a signed link', public: true },
  'headless.forms': { about: 'Read published forms with an API key', key: 'forms:read' },
  'headless.submit': { about: 'Send submissions with an API key', key: 'submissions:write' },
  'tenant.manage': { about: 'Create, list, suspend, delete tenants', platform: true },
} as const satisfies Record<string, Permission>

export type Verb = keyof typeof PERMISSIONS

export const permissionOf = (verb: Verb): Permission => PERMISSIONS[verb]
