CREATE TABLE "conversations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "conversations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"place_id" text NOT NULL,
	"kind" text NOT NULL,
	"guild_id" text,
	"parent_id" text,
	"is_participant" boolean NOT NULL,
	"opened_by" text,
	"first_speaker_id" text,
	"has_several_speakers" boolean DEFAULT false NOT NULL,
	"window_start" integer DEFAULT 0 NOT NULL,
	"next_position" integer DEFAULT 0 NOT NULL,
	"last_message_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_active_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "conversations_place_id_unique" UNIQUE("place_id"),
	CONSTRAINT "conversations_place_is_whole" CHECK (("conversations"."kind" = 'direct') = ("conversations"."guild_id" is null)
        and ("conversations"."kind" = 'thread') = ("conversations"."parent_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "parts" (
	"variant_id" bigint NOT NULL,
	"index" integer NOT NULL,
	"message_id" text NOT NULL,
	"start_offset" integer NOT NULL,
	"end_offset" integer NOT NULL,
	"is_forgotten" boolean DEFAULT false NOT NULL,
	CONSTRAINT "parts_variant_id_index_pk" PRIMARY KEY("variant_id","index")
);
--> statement-breakpoint
CREATE TABLE "system_prompts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "system_prompts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"place_id" text NOT NULL,
	"prompt" text,
	"changed_by" text NOT NULL,
	"changed_by_name" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "turns" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "turns_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"conversation_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"role" text NOT NULL,
	"author_id" text,
	"author_name" text,
	"content" text,
	"message_id" text,
	"token_count" integer,
	"token_basis" text,
	"said_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "turns_text_is_in_one_place" CHECK (("turns"."role" = 'user') = ("turns"."content" is not null))
);
--> statement-breakpoint
CREATE TABLE "variants" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "variants_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"turn_id" bigint NOT NULL,
	"is_active" boolean NOT NULL,
	"state" text NOT NULL,
	"content" text NOT NULL,
	"finish_reason" text,
	"model" text,
	"prompt_tokens" integer,
	"reused_tokens" integer,
	"reply_tokens" integer,
	"first_token_ms" double precision,
	"total_ms" double precision,
	"revision" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "parts" ADD CONSTRAINT "parts_variant_id_variants_id_fk" FOREIGN KEY ("variant_id") REFERENCES "public"."variants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "variants" ADD CONSTRAINT "variants_turn_id_turns_id_fk" FOREIGN KEY ("turn_id") REFERENCES "public"."turns"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "conversations_parent_id_index" ON "conversations" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "conversations_guild_id_index" ON "conversations" USING btree ("guild_id");--> statement-breakpoint
CREATE INDEX "parts_message_id_index" ON "parts" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "system_prompts_place_id_id_index" ON "system_prompts" USING btree ("place_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "turns_conversation_id_position_index" ON "turns" USING btree ("conversation_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "turns_conversation_id_message_id_index" ON "turns" USING btree ("conversation_id","message_id") WHERE "turns"."message_id" is not null;--> statement-breakpoint
CREATE INDEX "variants_turn_id_index" ON "variants" USING btree ("turn_id");--> statement-breakpoint
CREATE UNIQUE INDEX "variants_one_active_index" ON "variants" USING btree ("turn_id") WHERE "variants"."is_active";--> statement-breakpoint
CREATE INDEX "variants_streaming_index" ON "variants" USING btree ("id") WHERE "variants"."state" = 'streaming';