ALTER TABLE "conversations" ADD COLUMN "controls_message_id" text;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "forked_from" text;--> statement-breakpoint
ALTER TABLE "variants" ADD COLUMN "asked_by" text;