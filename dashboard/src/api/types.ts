// What the API answers, by name: derived from the routes, so that a change there is a type error here.
import type { InferResponseType } from 'hono/client'
import type { Client } from '../../../src/client.ts'

type Elements<T> = T extends (infer One)[] ? One : never

export type Project = Elements<InferResponseType<Client['projects']['$get'], 200>>
export type Form = Elements<InferResponseType<Client['forms']['$get'], 200>>
export type FormDetail = InferResponseType<Client['forms'][':id']['$get'], 200>
export type FormVersion = Elements<InferResponseType<Client['forms'][':id']['versions']['$get'], 200>>
export type FormDiff = InferResponseType<Client['forms'][':id']['diff']['$get'], 200>['diff']
export type ListedSubmission = Elements<InferResponseType<Client['submissions']['$get'], 200>>
export type Submission = InferResponseType<Client['submissions'][':id']['$get'], 200>
export type MediaFile = Submission['media_files'][number]
export type HistoryEntry = Elements<InferResponseType<Client['submissions'][':id']['history']['$get'], 200>>
export type ReviewState = Submission['review_state']
export type BulkAction = InferResponseType<Client['submissions']['bulk-actions'][':id']['$get'], 200>
export type Quarantined = InferResponseType<Client['quarantine']['$get'], 200>['items'][number]
export type Device = Elements<InferResponseType<Client['settings']['mobile']['devices']['$get'], 200>>
export type PairingToken = InferResponseType<Client['settings']['mobile']['pairing-token']['$post'], 200>
export type ApiKey = Elements<InferResponseType<Client['api-keys']['$get'], 200>>
export type User = Elements<InferResponseType<Client['users']['$get'], 200>>
export type SessionItem = Elements<InferResponseType<Client['auth']['sessions']['$get'], 200>>
export type AuditRecord = InferResponseType<Client['audit']['$get'], 200>['items'][number]
export type ExportJob = InferResponseType<Client['exports']['$get'], 200>['items'][number]
export type Webhook = InferResponseType<Client['webhooks'][':id']['$get'], 200>
export type Delivery = InferResponseType<Client['webhooks'][':id']['deliveries']['$get'], 200>['items'][number]
