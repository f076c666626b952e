CREATE TABLE "settings" (
	"scope" text NOT NULL,
	"scope_id" text NOT NULL,
	"overrides" jsonb NOT NULL,
	CONSTRAINT "settings_scope_scope_id_pk" PRIMARY KEY("scope","scope_id")
);
--> statement-breakpoint
CREATE TABLE "usages" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usages_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"guild_id" text NOT NULL,
	"user_id" text NOT NULL,
	"tokens" integer NOT NULL,
	"ended_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "usages_guild_id_user_id_ended_at_index" ON "usages" USING btree ("guild_id","user_id","ended_at");--> statement-breakpoint
CREATE INDEX "usages_ended_at_index" ON "usages" USING btree ("ended_at");--> statement-breakpoint
INSERT INTO "settings" ("scope", "scope_id", "overrides")
SELECT 'place', "place_id", jsonb_build_object('sampling', "overrides") FROM "samplings";--> statement-breakpoint
DROP TABLE "samplings" CASCADE;
