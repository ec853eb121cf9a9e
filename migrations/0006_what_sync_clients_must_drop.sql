CREATE TABLE `gone_attachments` (
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`seq` integer NOT NULL,
	`user_id` text,
	`forget_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `name`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `gone_attachments_seq` ON `gone_attachments` (`tenant_id`,`seq`);--> statement-breakpoint
CREATE INDEX `gone_attachments_forget` ON `gone_attachments` (`tenant_id`,`forget_at_ms`) WHERE "gone_attachments"."forget_at_ms" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `gone_records` (
	`tenant_id` text NOT NULL,
	`submission_id` text NOT NULL,
	`seq` integer NOT NULL,
	`local_uuid` text NOT NULL,
	`form_key` text NOT NULL,
	`user_id` text,
	`occurred_at_ms` integer NOT NULL,
	`gone_at_ms` integer NOT NULL,
	`forget_at_ms` integer,
	PRIMARY KEY(`tenant_id`, `submission_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `gone_records_seq` ON `gone_records` (`tenant_id`,`seq`);--> statement-breakpoint
CREATE INDEX `gone_records_forget` ON `gone_records` (`tenant_id`,`forget_at_ms`) WHERE "gone_records"."forget_at_ms" IS NOT NULL;