CREATE TABLE `app_bundles` (
	`tenant_id` text NOT NULL,
	`version` integer NOT NULL,
	`object_key` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`files` text NOT NULL,
	`app_info` text NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `version`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `attachments` (
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`media_id` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `name`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_media` ON `attachments` (`tenant_id`,`media_id`);--> statement-breakpoint
CREATE TABLE `repositories` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`generation` integer DEFAULT 1 NOT NULL,
	`reset_seq` integer DEFAULT 0 NOT NULL,
	`reset_action_id` text,
	`active_bundle` integer
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sync_clients` (
	`tenant_id` text NOT NULL,
	`client_id` text NOT NULL,
	`cursor_seq` integer NOT NULL,
	`user_id` text NOT NULL,
	`app_version` text,
	`last_seen_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `client_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sync_clients_user` ON `sync_clients` (`tenant_id`,`user_id`,`last_seen_at_ms`);--> statement-breakpoint
CREATE TABLE `transmissions` (
	`tenant_id` text NOT NULL,
	`key` text NOT NULL,
	`reply` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `transmissions_at` ON `transmissions` (`tenant_id`,`at_ms`);--> statement-breakpoint
ALTER TABLE `users` ADD `sync_role` text;--> statement-breakpoint
ALTER TABLE `submission_revisions` ADD `extras` text;--> statement-breakpoint
ALTER TABLE `submissions` ADD `extras` text;