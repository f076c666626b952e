CREATE TABLE "forgotten_replies" (
	"message_id" text PRIMARY KEY NOT NULL,
	"guild_id" text
);
--> statement-breakpoint
CREATE TABLE "stale_evaluations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stale_evaluations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"conversation_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "joint_askers" (
	"variant_id" bigint NOT NULL,
	"user_id" text NOT NULL,
	CONSTRAINT "joint_askers_variant_id_user_id_pk" PRIMARY KEY("variant_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "own_from" integer;--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "quoted_message_id" text;--> statement-breakpoint
ALTER TABLE "joint_askers" ADD CONSTRAINT "joint_askers_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "forgotten_replies_guild_id_index" ON "forgotten_replies" USING btree ("guild_id");--> statement-breakpoint
CREATE INDEX "stale_evaluations_conversation_id_index" ON "stale_evaluations" USING btree ("conversation_id");--> statement-breakpoint
CREATE INDEX "joint_askers_user_id_variant_id_index" ON "joint_askers" USING btree ("user_id","variant_id");--> statement-breakpoint
CREATE INDEX "turns_quoted_message_id_index" ON "turns" USING btree ("quoted_message_id") WHERE "turns"."quoted_message_id" is not null;
--> statement-breakpoint
-- What was copied into a fork was said before there was the fork.
UPDATE "conversations" SET "own_from" = coalesce((
  SELECT max("position") + 1 FROM "turns"
  WHERE "turns"."conversation_id" = "conversations"."id" AND "said_at" < "conversations"."created_at"), 0)
WHERE "forked_from" IS NOT NULL;--> statement-breakpoint
-- What was read back or came from a file answers whoever spoke last before it.
UPDATE "variants" SET "asked_by" = (
  SELECT "said"."author_id" FROM "turns" AS "said"
  WHERE "said"."conversation_id" = "turns"."conversation_id" AND "said"."position" < "turns"."position"
    AND "said"."role" = 'user'
  ORDER BY "said"."position" DESC LIMIT 1)
FROM "turns"
WHERE "turns"."id" = "variants"."turn_id" AND "turns"."is_adopted" AND "variants"."asked_by" IS NULL;
