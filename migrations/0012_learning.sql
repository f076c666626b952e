CREATE TABLE "discarded_facts" (
	"user_id" text NOT NULL,
	"digest" text NOT NULL,
	"guild_id" text,
	CONSTRAINT "discarded_facts_user_id_digest_pk" PRIMARY KEY("user_id","digest")
);
--> statement-breakpoint
CREATE TABLE "learning_consents" (
	"user_id" text PRIMARY KEY NOT NULL,
	"since" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "learning_progress" (
	"conversation_id" bigint NOT NULL,
	"user_id" text NOT NULL,
	"until" integer NOT NULL,
	CONSTRAINT "learning_progress_conversation_id_user_id_pk" PRIMARY KEY("conversation_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "proposal_turns" (
	"proposal_id" bigint NOT NULL,
	"turn_id" bigint NOT NULL,
	CONSTRAINT "proposal_turns_proposal_id_turn_id_pk" PRIMARY KEY("proposal_id","turn_id")
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "proposals_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"conversation_id" bigint NOT NULL,
	"user_id" text NOT NULL,
	"content" text,
	"replaces" bigint,
	"state" text DEFAULT 'pending' NOT NULL,
	"shown" text,
	"message_id" text,
	"proposed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "proposals_have_text_while_pending" CHECK (("proposals"."state" = 'pending') = ("proposals"."content" is not null))
);
--> statement-breakpoint
ALTER TABLE "learning_progress" ADD CONSTRAINT "learning_progress_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learning_progress" ADD CONSTRAINT "learning_progress_user_id_learning_consents_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."learning_consents"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposal_turns" ADD CONSTRAINT "proposal_turns_proposal_id_proposals_id_fk" FOREIGN KEY ("proposal_id") REFERENCES "public"."proposals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposal_turns" ADD CONSTRAINT "proposal_turns_turn_id_turns_id_fk" FOREIGN KEY ("turn_id") REFERENCES "public"."turns"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_replaces_notes_id_fk" FOREIGN KEY ("replaces") REFERENCES "public"."notes"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "discarded_facts_guild_id_index" ON "discarded_facts" USING btree ("guild_id");--> statement-breakpoint
CREATE INDEX "learning_progress_user_id_index" ON "learning_progress" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "proposal_turns_turn_id_index" ON "proposal_turns" USING btree ("turn_id");--> statement-breakpoint
CREATE INDEX "proposals_conversation_id_index" ON "proposals" USING btree ("conversation_id");--> statement-breakpoint
CREATE INDEX "proposals_user_id_proposed_at_index" ON "proposals" USING btree ("user_id","proposed_at");--> statement-breakpoint
CREATE INDEX "proposals_proposed_at_index" ON "proposals" USING btree ("proposed_at");--> statement-breakpoint
CREATE INDEX "proposals_message_id_index" ON "proposals" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "proposals_replaces_index" ON "proposals" USING btree ("replaces") WHERE "proposals"."replaces" is not null;--> statement-breakpoint
CREATE INDEX "proposals_stale_index" ON "proposals" USING btree ("message_id") WHERE "proposals"."state" <> "proposals"."shown";--> statement-breakpoint
CREATE FUNCTION "withdraw_proposals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE proposals SET state = 'withdrawn', content = NULL, replaces = NULL
  WHERE state = 'pending' AND id IN (SELECT proposal_id FROM gone);
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "proposal_turns_deleted" AFTER DELETE ON "proposal_turns"
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "withdraw_proposals"();--> statement-breakpoint
CREATE FUNCTION "forget_proposals_of_turn"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM proposal_turns WHERE turn_id = OLD.id;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "turns_changed_forget_proposals" AFTER UPDATE OF "content", "author_id" ON "turns"
  FOR EACH ROW WHEN ((OLD.content, OLD.author_id) IS DISTINCT FROM (NEW.content, NEW.author_id))
  EXECUTE FUNCTION "forget_proposals_of_turn"();--> statement-breakpoint
CREATE FUNCTION "note_no_longer_replaced"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE proposals SET replaces = NULL WHERE replaces = OLD.id;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "notes_changed_are_not_replaced" AFTER UPDATE OF "content" ON "notes"
  FOR EACH ROW WHEN (OLD.content IS DISTINCT FROM NEW.content)
  EXECUTE FUNCTION "note_no_longer_replaced"();
