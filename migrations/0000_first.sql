CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`secret_hash` text NOT NULL,
	`scopes` text DEFAULT '[]' NOT NULL,
	`project_id` text,
	`lanes` integer DEFAULT 1 NOT NULL,
	`created_by` text,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer,
	`last_used_at_ms` integer,
	`revoked_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "api_keys_lanes" CHECK("api_keys"."lanes" BETWEEN 1 AND 8)
) STRICT;
--> statement-breakpoint
CREATE INDEX `api_keys_tenant` ON `api_keys` (`tenant_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`label` text,
	`hardware_id` text,
	`mode` text DEFAULT 'live' NOT NULL,
	`app_version` text,
	`created_at_ms` integer NOT NULL,
	`last_used_at_ms` integer,
	`revoked_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "devices_mode" CHECK("devices"."mode" IN ('live', 'test'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `devices_tenant` ON `devices` (`tenant_id`,`created_at_ms`);--> statement-breakpoint
CREATE INDEX `devices_user` ON `devices` (`user_id`);--> statement-breakpoint
CREATE INDEX `devices_hardware` ON `devices` (`tenant_id`,`hardware_id`);--> statement-breakpoint
CREATE TABLE `memberships` (
	`user_id` text NOT NULL,
	`project_id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`user_id`, `project_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "memberships_role" CHECK("memberships"."role" IN ('field_worker', 'manager', 'admin'))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `memberships_tenant` ON `memberships` (`tenant_id`,`project_id`);--> statement-breakpoint
CREATE TABLE `pairing_tokens` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`label` text,
	`mode` text DEFAULT 'live' NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`used_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `pairing_tokens_expiry` ON `pairing_tokens` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`refresh_hash` text NOT NULL,
	`previous_hash` text,
	`rotated_at_ms` integer,
	`user_agent` text DEFAULT '' NOT NULL,
	`created_at_ms` integer NOT NULL,
	`last_used_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`,`created_at_ms`);--> statement-breakpoint
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `tenants` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`shard` integer DEFAULT 0 NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`data_epoch` integer DEFAULT 1 NOT NULL,
	`created_at_ms` integer NOT NULL,
	`deleted_at_ms` integer,
	CONSTRAINT "tenants_status" CHECK("tenants"."status" IN ('active', 'suspended', 'deleted'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `tenants_slug` ON `tenants` (`slug`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`email` text,
	`username` text,
	`password_hash` text NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`force_password_reset` integer DEFAULT false NOT NULL,
	`created_at_ms` integer NOT NULL,
	`last_login_at_ms` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "users_name" CHECK("users"."email" IS NOT NULL OR "users"."username" IS NOT NULL)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email` ON `users` (`email`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_tenant_username` ON `users` (`tenant_id`,`username`);--> statement-breakpoint
CREATE INDEX `users_tenant` ON `users` (`tenant_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `audit_log` (
	`tenant_id` text NOT NULL,
	`id` integer NOT NULL,
	`action` text NOT NULL,
	`subject_kind` text NOT NULL,
	`subject_id` text,
	`details` text DEFAULT '{}' NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`request_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `audit_log_action` ON `audit_log` (`tenant_id`,`action`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_subject` ON `audit_log` (`tenant_id`,`subject_kind`,`subject_id`,`id`);--> statement-breakpoint
CREATE TABLE `export_jobs` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`form_id` text NOT NULL,
	`format` text NOT NULL,
	`filters` text NOT NULL,
	`state` text NOT NULL,
	`percent` integer DEFAULT 0 NOT NULL,
	`row_count` integer DEFAULT 0 NOT NULL,
	`volumes` text DEFAULT '[]' NOT NULL,
	`error` text,
	`until_seq` integer NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `export_jobs_created` ON `export_jobs` (`tenant_id`,`created_at_ms`);--> statement-breakpoint
CREATE INDEX `export_jobs_expiry` ON `export_jobs` (`tenant_id`,`state`,`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `form_versions` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`form_id` text NOT NULL,
	`version_num` integer NOT NULL,
	`version_label` text,
	`schema` text NOT NULL,
	`schema_sha256` text NOT NULL,
	`source_key` text,
	`created_by` text,
	`created_at_ms` integer NOT NULL,
	`published_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `form_versions_num` ON `form_versions` (`tenant_id`,`form_id`,`version_num`);--> statement-breakpoint
CREATE TABLE `forms` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`project_id` text NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`kind` text DEFAULT 'form' NOT NULL,
	`current_version_id` text,
	`draft_version_id` text,
	`seq` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`archived_at_ms` integer,
	`deleted_at_ms` integer,
	`purged_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `forms_key` ON `forms` (`tenant_id`,`key`);--> statement-breakpoint
CREATE UNIQUE INDEX `forms_seq` ON `forms` (`tenant_id`,`seq`);--> statement-breakpoint
CREATE INDEX `forms_project` ON `forms` (`tenant_id`,`project_id`,`created_at_ms`);--> statement-breakpoint
CREATE INDEX `forms_unpurged` ON `forms` (`tenant_id`,`deleted_at_ms`) WHERE "forms"."deleted_at_ms" IS NOT NULL AND "forms"."purged_at_ms" IS NULL;--> statement-breakpoint
CREATE TABLE `media` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`seq` integer NOT NULL,
	`submission_id` text,
	`form_id` text,
	`field_id` text NOT NULL,
	`repeat_path` text NOT NULL,
	`filename` text NOT NULL,
	`content_type` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`md5` text,
	`object_key` text NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`deleted_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `media_identity` ON `media` (`tenant_id`,`submission_id`,`field_id`,`repeat_path`,`filename`,`sha256`);--> statement-breakpoint
CREATE UNIQUE INDEX `media_seq` ON `media` (`tenant_id`,`seq`);--> statement-breakpoint
CREATE INDEX `media_form` ON `media` (`tenant_id`,`form_id`,`seq`);--> statement-breakpoint
CREATE TABLE `media_uploads` (
	`tenant_id` text NOT NULL,
	`media_id` text NOT NULL,
	`object_key` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `media_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `media_uploads_started` ON `media_uploads` (`tenant_id`,`started_at_ms`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`tenant_id` text NOT NULL,
	`id` integer NOT NULL,
	`kind` text NOT NULL,
	`from_seq` integer NOT NULL,
	`to_seq` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expanded_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `outbox_pending` ON `outbox` (`tenant_id`,`expanded_at_ms`,`id`);--> statement-breakpoint
CREATE TABLE `projects` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`form_access` text DEFAULT 'everyone' NOT NULL,
	`time_zone` text DEFAULT 'UTC' NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `projects_created` ON `projects` (`tenant_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `quarantine` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`seq` integer NOT NULL,
	`credential` text NOT NULL,
	`sha256` text NOT NULL,
	`protocol` text NOT NULL,
	`content_type` text NOT NULL,
	`body` text,
	`body_key` text,
	`size_bytes` integer NOT NULL,
	`reason` text NOT NULL,
	`message` text NOT NULL,
	`state` text DEFAULT 'open' NOT NULL,
	`arrivals` integer DEFAULT 1 NOT NULL,
	`user_id` text,
	`device_id` text,
	`key_id` text,
	`received_at_ms` integer NOT NULL,
	`settled_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `quarantine_identity` ON `quarantine` (`tenant_id`,`credential`,`sha256`);--> statement-breakpoint
CREATE INDEX `quarantine_state` ON `quarantine` (`tenant_id`,`state`,`seq`);--> statement-breakpoint
CREATE TABLE `spatial_answers` (
	`tenant_id` text NOT NULL,
	`form_id` text NOT NULL,
	`submission_id` text NOT NULL,
	`path` text NOT NULL,
	`kind` text NOT NULL,
	`min_lon` real NOT NULL,
	`min_lat` real NOT NULL,
	`max_lon` real NOT NULL,
	`max_lat` real NOT NULL,
	PRIMARY KEY(`tenant_id`, `submission_id`, `path`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `spatial_answers_form` ON `spatial_answers` (`tenant_id`,`form_id`,`min_lon`,`min_lat`);--> statement-breakpoint
CREATE TABLE `submission_comments` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`submission_id` text NOT NULL,
	`body` text NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `submission_comments_submission` ON `submission_comments` (`tenant_id`,`submission_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `submission_counts` (
	`tenant_id` text NOT NULL,
	`form_id` text NOT NULL,
	`mode` text NOT NULL,
	`total` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`tenant_id`, `form_id`, `mode`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `submission_keys` (
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`client_id` text NOT NULL,
	`submission_id` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `kind`, `client_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `submission_keys_submission` ON `submission_keys` (`tenant_id`,`submission_id`);--> statement-breakpoint
CREATE TABLE `submission_revisions` (
	`tenant_id` text NOT NULL,
	`submission_id` text NOT NULL,
	`revision` integer NOT NULL,
	`seq` integer NOT NULL,
	`change` text NOT NULL,
	`form_version_id` text,
	`data` text,
	`data_key` text,
	`issues` text,
	`review_state` text NOT NULL,
	`collected_at_ms` integer,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `submission_id`, `revision`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `submission_revisions_seq` ON `submission_revisions` (`tenant_id`,`seq`);--> statement-breakpoint
CREATE TABLE `submissions` (
	`tenant_id` text NOT NULL,
	`seq` integer NOT NULL,
	`id` text NOT NULL,
	`created_seq` integer NOT NULL,
	`form_id` text NOT NULL,
	`form_version_id` text,
	`version_label` text,
	`local_uuid` text NOT NULL,
	`mode` text NOT NULL,
	`data_kind` text NOT NULL,
	`data` text,
	`data_key` text,
	`data_bytes` integer NOT NULL,
	`issues` text,
	`collected_at_ms` integer,
	`collected_offset_min` integer,
	`device_clock_ms` integer,
	`submitted_at_ms` integer NOT NULL,
	`occurred_at_ms` integer NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`submitted_by_label` text,
	`reported_device_id` text,
	`revision` integer DEFAULT 1 NOT NULL,
	`review_state` text DEFAULT 'received' NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`deleted_at_ms` integer,
	`erased_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `seq`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `submissions_id` ON `submissions` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `submissions_form` ON `submissions` (`tenant_id`,`form_id`,`mode`,`created_seq`,`occurred_at_ms`) WHERE "submissions"."deleted_at_ms" IS NULL;--> statement-breakpoint
CREATE INDEX `submissions_created` ON `submissions` (`tenant_id`,`mode`,`created_seq`) WHERE "submissions"."deleted_at_ms" IS NULL;--> statement-breakpoint
CREATE INDEX `submissions_user` ON `submissions` (`tenant_id`,`user_id`,`created_seq`) WHERE "submissions"."deleted_at_ms" IS NULL;--> statement-breakpoint
CREATE INDEX `submissions_deleted` ON `submissions` (`tenant_id`,`form_id`,`seq`) WHERE "submissions"."deleted_at_ms" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `tenant_counters` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`seq` integer DEFAULT 0 NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `tenant_settings` (
	`tenant_id` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`webhook_id` text NOT NULL,
	`event` text NOT NULL,
	`subject_id` text NOT NULL,
	`revision` integer NOT NULL,
	`seq` integer NOT NULL,
	`body_version` integer NOT NULL,
	`state` text NOT NULL,
	`attempts` text DEFAULT '[]' NOT NULL,
	`attempt_count` integer DEFAULT 0 NOT NULL,
	`next_attempt_at_ms` integer,
	`created_at_ms` integer NOT NULL,
	`settled_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_deliveries_identity` ON `webhook_deliveries` (`tenant_id`,`webhook_id`,`event`,`subject_id`,`revision`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`tenant_id`,`state`,`next_attempt_at_ms`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_hook` ON `webhook_deliveries` (`tenant_id`,`webhook_id`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`form_id` text,
	`project_id` text,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`secret` text,
	`previous_secret` text,
	`previous_secret_until_ms` integer,
	`is_active` integer DEFAULT true NOT NULL,
	`failure_streak` integer DEFAULT 0 NOT NULL,
	`paused_at_ms` integer,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `webhooks_form` ON `webhooks` (`tenant_id`,`form_id`);--> statement-breakpoint
CREATE INDEX `webhooks_project` ON `webhooks` (`tenant_id`,`project_id`);