CREATE TABLE "summaries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "summaries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"conversation_id" bigint NOT NULL,
	"from_position" integer NOT NULL,
	"to_position" integer NOT NULL,
	"level" integer NOT NULL,
	"merged_into" bigint,
	"content" text DEFAULT '' NOT NULL,
	"model" text,
	"is_adopted" boolean DEFAULT false NOT NULL,
	"written_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "summaries_cover_something" CHECK ("summaries"."from_position" <= "summaries"."to_position")
);
--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "fresh_from" integer;--> statement-breakpoint
ALTER TABLE "summaries" ADD CONSTRAINT "summaries_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "summaries" ADD CONSTRAINT "summaries_merged_into_summaries_id_fk" FOREIGN KEY ("merged_into") REFERENCES "public"."summaries"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "summaries_conversation_id_to_position_index" ON "summaries" USING btree ("conversation_id","to_position");--> statement-breakpoint
CREATE INDEX "summaries_merged_into_index" ON "summaries" USING btree ("merged_into");--> statement-breakpoint
CREATE FUNCTION "forget_summaries_of_turn"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM summaries
  WHERE conversation_id = OLD.conversation_id
    AND to_position >= OLD.position AND from_position <= OLD.position;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE FUNCTION "forget_summaries_of_variant"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM summaries USING turns
  WHERE turns.id = OLD.turn_id AND summaries.conversation_id = turns.conversation_id
    AND summaries.to_position >= turns.position AND summaries.from_position <= turns.position;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "turns_deleted_forget_summaries" AFTER DELETE ON "turns"
  FOR EACH ROW EXECUTE FUNCTION "forget_summaries_of_turn"();--> statement-breakpoint
CREATE TRIGGER "turns_changed_forget_summaries"
  AFTER UPDATE OF "content", "author_id", "author_name" ON "turns"
  FOR EACH ROW WHEN ((OLD.content, OLD.author_id, OLD.author_name)
    IS DISTINCT FROM (NEW.content, NEW.author_id, NEW.author_name))
  EXECUTE FUNCTION "forget_summaries_of_turn"();--> statement-breakpoint
CREATE TRIGGER "variants_deleted_forget_summaries" AFTER DELETE ON "variants"
  FOR EACH ROW WHEN (OLD.is_active) EXECUTE FUNCTION "forget_summaries_of_variant"();--> statement-breakpoint
CREATE TRIGGER "variants_changed_forget_summaries" AFTER UPDATE OF "content", "is_active" ON "variants"
  FOR EACH ROW WHEN (OLD.state <> 'streaming' AND (OLD.is_active OR NEW.is_active)
    AND (OLD.content, OLD.is_active) IS DISTINCT FROM (NEW.content, NEW.is_active))
  EXECUTE FUNCTION "forget_summaries_of_variant"();
