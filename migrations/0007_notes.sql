CREATE TABLE "notes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"guild_id" text,
	"place_id" text,
	"parent_id" text,
	"persona_id" bigint,
	"built_in" text,
	"subject_id" text,
	"content" text NOT NULL,
	"author_id" text NOT NULL,
	"author_name" text NOT NULL,
	"written_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notes_are_somewhere" CHECK ("notes"."guild_id" is not null or "notes"."place_id" is not null),
	CONSTRAINT "notes_are_about_something" CHECK (case "notes"."kind"
        when 'place' then "notes"."place_id" is not null
        when 'persona' then ("notes"."persona_id" is null) <> ("notes"."built_in" is null)
        else "notes"."subject_id" is not null end)
);
--> statement-breakpoint
ALTER TABLE "notes" ADD CONSTRAINT "notes_persona_id_personas_id_fk" FOREIGN KEY ("persona_id") REFERENCES "public"."personas"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notes_place_id_index" ON "notes" USING btree ("place_id");--> statement-breakpoint
CREATE INDEX "notes_parent_id_index" ON "notes" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "notes_guild_id_subject_id_index" ON "notes" USING btree ("guild_id","subject_id");--> statement-breakpoint
CREATE INDEX "notes_persona_id_index" ON "notes" USING btree ("persona_id");--> statement-breakpoint
CREATE INDEX "turns_author_id_conversation_id_index" ON "turns" USING btree ("author_id","conversation_id");