CREATE TABLE "turn_embeddings" (
	"conversation_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"model" text NOT NULL,
	"embedding" "bytea" NOT NULL,
	"stamp" bigint GENERATED ALWAYS AS IDENTITY (sequence name "turn_embeddings_stamp_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	CONSTRAINT "turn_embeddings_conversation_id_position_pk" PRIMARY KEY("conversation_id","position")
);
--> statement-breakpoint
ALTER TABLE "turn_embeddings" ADD CONSTRAINT "turn_embeddings_of_indexed_turns" FOREIGN KEY ("conversation_id","position") REFERENCES "public"."recall_turns"("conversation_id","position") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- Of turns as they were read, [{"position", "revision", "embedding"}], those that are in the index and
-- still say the same. Until the transaction ends nobody changes them.
CREATE FUNCTION unchanged_turns(conversation bigint, seen jsonb)
RETURNS TABLE ("position" integer, embedding text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recall_lock(conversation);
  RETURN QUERY
    SELECT was.position, was.embedding
    FROM jsonb_to_recordset(seen) was ("position" integer, revision text, embedding text)
    JOIN recall_turns ON recall_turns.conversation_id = conversation
      AND recall_turns.position = was.position
    JOIN turns ON turns.conversation_id = conversation AND turns.position = was.position
    WHERE turn_revision(recall_text(turns)) = was.revision;
END
$$;
--> statement-breakpoint
CREATE FUNCTION turn_revision(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(said, 'UTF8')), 'hex')
$$;
