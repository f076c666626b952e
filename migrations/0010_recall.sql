CREATE TABLE "recall_postings" (
	"conversation_id" bigint NOT NULL,
	"term" text NOT NULL,
	"first" integer NOT NULL,
	"hits" integer[] NOT NULL,
	CONSTRAINT "recall_postings_conversation_id_term_first_pk" PRIMARY KEY("conversation_id","term","first")
);
--> statement-breakpoint
CREATE TABLE "recall_progress" (
	"conversation_id" bigint PRIMARY KEY NOT NULL,
	"indexed_until" integer DEFAULT 0 NOT NULL,
	"stretches" integer DEFAULT 0 NOT NULL,
	"languages" text[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recall_turns" (
	"conversation_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"stretch" integer NOT NULL,
	"said_at" timestamp with time zone NOT NULL,
	"asks" smallint NOT NULL,
	"terms" text[] NOT NULL,
	CONSTRAINT "recall_turns_conversation_id_position_pk" PRIMARY KEY("conversation_id","position")
);
--> statement-breakpoint
ALTER TABLE "recall_postings" ADD CONSTRAINT "recall_postings_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall_progress" ADD CONSTRAINT "recall_progress_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall_turns" ADD CONSTRAINT "recall_turns_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;