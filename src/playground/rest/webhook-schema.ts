import { z } from "zod";
import { addError, snowflake, text } from "./forms.ts";
import { messageSpeech } from "./message-schema.ts";

const forbiddenParts = ["clyde", "discord"];

/** resources/webhook, "create webhook". */
const webhookName = z
  .string()
  .transform((name) => name.trim().replace(/\s+/g, " "))
  .pipe(
    text({ min: 1, max: 80 }).superRefine((name, context) => {
      const found = forbiddenParts.find((part) => name.toLowerCase().includes(part));
      if (found === undefined) return;
      addError(context, {
        code: "USERNAME_INVALID_CONTAINS",
        message: `Username cannot contain "${found}"`,
      });
    }),
  );

const webAddress = text({ max: 2048 }).superRefine((address, context) => {
  if (URL.canParse(address) && /^https?:/.test(address)) return;
  addError(context, { code: "URL_TYPE_INVALID_URL", message: "Not a well formed URL." });
});

export const webhookCreateSchema = z.object({ name: webhookName, avatar: z.string().nullish() });

export const webhookEditSchema = z.object({
  name: webhookName.nullish(),
  avatar: z.string().nullish(),
  channel_id: snowflake.nullish(),
});
export type WebhookEdit = z.infer<typeof webhookEditSchema>;

export const webhookMessageSchema = z.object({
  ...messageSpeech,
  tts: z.boolean().nullish(),
  username: webhookName.nullish(),
  avatar_url: webAddress.nullish(),
  thread_name: text({ max: 100 }).nullish(),
});
export type WebhookMessage = z.infer<typeof webhookMessageSchema>;
