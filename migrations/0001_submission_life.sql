CREATE TABLE `bulk_action_rows` (
	`tenant_id` text NOT NULL,
	`action_id` text NOT NULL,
	`submission_id` text NOT NULL,
	`revision` integer NOT NULL,
	`previous_review_state` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `action_id`, `submission_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `bulk_actions` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`action` text NOT NULL,
	`review_state` text,
	`filter` text NOT NULL,
	`state` text NOT NULL,
	`matched` integer NOT NULL,
	`affected` integer DEFAULT 0 NOT NULL,
	`undone` integer DEFAULT 0 NOT NULL,
	`until_seq` integer NOT NULL,
	`position` text,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`user_id` text,
	`device_id` text,
	`protocol` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `bulk_actions_created` ON `bulk_actions` (`tenant_id`,`created_at_ms`);--> statement-breakpoint
CREATE INDEX `bulk_actions_open` ON `bulk_actions` (`tenant_id`,`updated_at_ms`) WHERE "bulk_actions"."state" IN ('running', 'undoing');--> statement-breakpoint
CREATE TABLE `erasures` (
	`tenant_id` text NOT NULL,
	`submission_id` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `submission_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `erasures_started` ON `erasures` (`tenant_id`,`started_at_ms`);--> statement-breakpoint
ALTER TABLE `quarantine` ADD `settled_by` text;--> statement-breakpoint
ALTER TABLE `quarantine` ADD `settled_note` text;--> statement-breakpoint
ALTER TABLE `quarantine` ADD `submission_id` text;--> statement-breakpoint
CREATE INDEX `quarantine_seq` ON `quarantine` (`tenant_id`,`seq`);--> statement-breakpoint
CREATE INDEX `quarantine_submission` ON `quarantine` (`tenant_id`,`submission_id`);--> statement-breakpoint
CREATE INDEX `submissions_issues` ON `submissions` (`tenant_id`,`mode`,`created_seq`) WHERE "submissions"."issues" IS NOT NULL AND "submissions"."deleted_at_ms" IS NULL;--> statement-breakpoint
CREATE INDEX `submissions_review` ON `submissions` (`tenant_id`,`mode`,`review_state`,`created_seq`) WHERE "submissions"."review_state" <> 'received' AND "submissions"."deleted_at_ms" IS NULL;--> statement-breakpoint
CREATE INDEX `submissions_trash` ON `submissions` (`tenant_id`,`mode`,`created_seq`,`deleted_at_ms`) WHERE "submissions"."deleted_at_ms" IS NOT NULL AND "submissions"."erased_at_ms" IS NULL;