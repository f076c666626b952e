CREATE TABLE "forgettings" (
	"user_id" text NOT NULL,
	"scope" text NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "forgettings_user_id_scope_pk" PRIMARY KEY("user_id","scope")
);
--> statement-breakpoint
CREATE TABLE "guild_places" (
	"place_id" text PRIMARY KEY NOT NULL,
	"guild_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "left_guilds" (
	"guild_id" text PRIMARY KEY NOT NULL,
	"left_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "opt_outs" (
	"user_id" text PRIMARY KEY NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "quoted_author_id" text;--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "answers_unstored" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "guild_places_guild_id_index" ON "guild_places" USING btree ("guild_id");--> statement-breakpoint
CREATE INDEX "notes_author_id_index" ON "notes" USING btree ("author_id");--> statement-breakpoint
CREATE INDEX "notes_subject_id_index" ON "notes" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "turns_conversation_id_said_at_index" ON "turns" USING btree ("conversation_id","said_at");--> statement-breakpoint
CREATE INDEX "turns_quoted_author_id_index" ON "turns" USING btree ("quoted_author_id") WHERE "turns"."quoted_author_id" is not null;--> statement-breakpoint
CREATE INDEX "variants_asked_by_id_index" ON "variants" USING btree ("asked_by","id") WHERE "variants"."asked_by" is not null;