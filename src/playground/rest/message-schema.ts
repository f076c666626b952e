import type { APIEmbed } from "discord-api-types/v10";
import { z } from "zod";
import { componentsSchema } from "./component-schema.ts";
import { addError, lengthOf, list, snowflake, text } from "./forms.ts";
import { allowedMentionsSchema } from "../world/mentions.ts";

const field = z.looseObject({
  name: text({ min: 1, max: 256 }),
  value: text({ min: 1, max: 1024 }),
});

const embed = z.looseObject({
  title: text({ max: 256 }).nullish(),
  description: text({ max: 4096 }).nullish(),
  fields: list(field, { max: 25 }).nullish(),
  footer: z.looseObject({ text: text({ max: 2048 }) }).nullish(),
  author: z.looseObject({ name: text({ max: 256 }) }).nullish(),
});

const maxEmbedCharacters = 6000;

const embedsSchema: z.ZodType<APIEmbed[]> = list(embed, { max: 10 })
  .superRefine((embeds, context) => {
    if (embeds.reduce((sum, one) => sum + countCharacters(one), 0) <= maxEmbedCharacters) return;
    addError(context, {
      code: "MAX_EMBED_SIZE_EXCEEDED",
      message: `Embed size exceeds maximum size of ${maxEmbedCharacters}`,
    });
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the schema above
  .transform((embeds) => embeds.map((one) => ({ type: "rich", ...one })) as unknown as APIEmbed[]);

const attachment = z.looseObject({
  id: snowflake,
  filename: z.string().nullish(),
  description: text({ max: 1024 }).nullish(),
});
export type AttachmentInput = z.infer<typeof attachment>;

const content = z
  .union([z.string(), z.number()])
  .transform(String)
  .superRefine((value, context) => {
    if (lengthOf(value) <= 2000) return;
    addError(context, {
      code: "BASE_TYPE_MAX_LENGTH",
      message: "Must be 2000 or fewer in length.",
    });
  });

export const messageSpeech = {
  content: content.nullish(),
  embeds: embedsSchema.nullish(),
  components: componentsSchema.nullish(),
  allowed_mentions: allowedMentionsSchema.nullish(),
  attachments: list(attachment, { max: 10 }).nullish(),
  flags: z.number().int().nonnegative().nullish(),
};

export const messageCreateSchema = z.object({
  ...messageSpeech,
  nonce: z.union([z.number().int(), text({ max: 25 })]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  tts: z.boolean().nullish(),
  message_reference: z
    .object({
      type: z.number().int().nullish(),
      message_id: snowflake.nullish(),
      channel_id: snowflake.nullish(),
      guild_id: snowflake.nullish(),
      fail_if_not_exists: z.boolean().nullish(),
    })
    .nullish(),
});
export type MessageCreate = z.infer<typeof messageCreateSchema>;

export const messageEditSchema = z.object(messageSpeech);
export type MessageEdit = z.infer<typeof messageEditSchema>;

function countCharacters(one: z.infer<typeof embed>): number {
  const texts = [
    one.title,
    one.description,
    one.footer?.text,
    one.author?.name,
    ...(one.fields ?? []).flatMap((item) => [item.name, item.value]),
  ];
  return texts.reduce((sum, part) => sum + lengthOf(part ?? ""), 0);
}
