DROP INDEX "turns_conversation_id_position_index";--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "is_adopted" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_position_unique" UNIQUE("conversation_id","position") DEFERRABLE INITIALLY IMMEDIATE;