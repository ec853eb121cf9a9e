ALTER TABLE `export_jobs` ADD `spec` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `export_jobs` ADD `is_own` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `export_jobs` ADD `total_rows` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `export_jobs` ADD `attempts` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `export_jobs_open` ON `export_jobs` (`tenant_id`,`updated_at_ms`) WHERE "export_jobs"."state" IN ('queued', 'running');