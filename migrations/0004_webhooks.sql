-- Nothing has written to these two yet: there was no way to make a webhook. They are made anew in their final layout.
DROP TABLE `webhook_deliveries`;--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`tenant_id` text NOT NULL,
	`webhook_id` text NOT NULL,
	`seq` integer NOT NULL,
	`event` text NOT NULL,
	`subject_id` text NOT NULL,
	`revision` integer NOT NULL,
	`order_key` text NOT NULL,
	`body_version` integer NOT NULL,
	`body` text,
	`state` text NOT NULL,
	`reason` text,
	`attempts` text DEFAULT '[]' NOT NULL,
	`attempt_count` integer DEFAULT 0 NOT NULL,
	`next_attempt_at_ms` integer,
	`leased_until_ms` integer,
	`created_at_ms` integer NOT NULL,
	`settled_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `webhook_id`, `seq`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`tenant_id`,`webhook_id`,`next_attempt_at_ms`,`seq`) WHERE "webhook_deliveries"."next_attempt_at_ms" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_order` ON `webhook_deliveries` (`tenant_id`,`webhook_id`,`order_key`,`seq`) WHERE "webhook_deliveries"."next_attempt_at_ms" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_failed` ON `webhook_deliveries` (`tenant_id`,`webhook_id`,`seq`) WHERE "webhook_deliveries"."state" IN ('failed', 'dead');--> statement-breakpoint
DROP TABLE `outbox`;--> statement-breakpoint
CREATE TABLE `outbox` (
	`tenant_id` text NOT NULL,
	`id` integer NOT NULL,
	`kind` text NOT NULL,
	`from_seq` integer NOT NULL,
	`to_seq` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `webhooks` ADD `created_seq` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `origin` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `stopped_by` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `probe_at_ms` integer;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `deleted_at_ms` integer;
