CREATE TABLE "persona_uses" (
	"scope" text NOT NULL,
	"scope_id" text NOT NULL,
	"persona_id" bigint,
	"built_in" text,
	"version" integer,
	"is_inherited" boolean DEFAULT false NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "persona_uses_scope_scope_id_pk" PRIMARY KEY("scope","scope_id"),
	CONSTRAINT "persona_uses_one_persona" CHECK (("persona_uses"."persona_id" is null) <> ("persona_uses"."built_in" is null))
);
--> statement-breakpoint
CREATE TABLE "persona_versions" (
	"persona_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"content" jsonb NOT NULL,
	"changed_by" text NOT NULL,
	"changed_by_name" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "persona_versions_persona_id_number_pk" PRIMARY KEY("persona_id","number")
);
--> statement-breakpoint
CREATE TABLE "personas" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "personas_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"guild_id" text,
	"name" text NOT NULL,
	"name_key" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"card" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "persona_uses" ADD CONSTRAINT "persona_uses_persona_id_personas_id_fk" FOREIGN KEY ("persona_id") REFERENCES "public"."personas"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "persona_versions" ADD CONSTRAINT "persona_versions_persona_id_personas_id_fk" FOREIGN KEY ("persona_id") REFERENCES "public"."personas"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "persona_uses_persona_id_index" ON "persona_uses" USING btree ("persona_id");--> statement-breakpoint
CREATE UNIQUE INDEX "personas_one_name_index" ON "personas" USING btree (coalesce("guild_id", ''),"name_key");