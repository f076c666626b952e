CREATE TABLE "samplings" (
	"place_id" text PRIMARY KEY NOT NULL,
	"overrides" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "variants" ADD COLUMN "thoughts" text;