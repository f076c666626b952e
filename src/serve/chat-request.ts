import { z } from "zod";
import type { JsonSchema, PromptMessage } from "../chat/ports.ts";
import type { Sampling } from "../chat/sampling.ts";
import { checkBody } from "./read-body.ts";

export interface ChatRequest {
  readonly messages: readonly PromptMessage[];
  /** The beginning of the answer. */
  readonly continues: string | undefined;
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly schema: JsonSchema | undefined;
  readonly isStreamed: boolean;
  readonly includesUsage: boolean;
  readonly reportsProgress: boolean;
}

/** What holds where a request says nothing. */
export interface ChatDefaults {
  readonly sampling: Sampling;
  readonly maxReplyTokens: number;
}

const between = (least: number, most: number) => {
  const error = `must be a number from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error }).nullish();
};
const wholeFrom = (least: number) => {
  const error = `must be a whole number from ${least}`;
  return z.int({ error }).min(least, { error }).nullish();
};
const flag = z.boolean({ error: "must be true or false" }).nullish();
const object = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object(shape, { error: "must be an object" });
const jsonSchema = z.record(z.string(), z.unknown(), { error: "must be a JSON schema" });
const none = (what: string) => {
  const error = `must be left out: this server knows no ${what}`;
  return z.array(z.unknown(), { error }).max(0, { error }).nullish();
};

const Content = z
  .union([z.string(), z.array(z.object({ type: z.literal("text"), text: z.string() }))], {
    error: "must be text, or a list of parts of the type text: the model reads nothing else",
  })
  .transform((content) =>
    typeof content === "string" ? content : content.map(({ text }) => text).join("\n"),
  );

const Message = object({
  role: z.enum(["system", "developer", "user", "assistant"], {
    error: "must be system, developer, user or assistant: this server knows no tools",
  }),
  content: Content,
  tool_calls: none("tools"),
}).transform(({ content, role }): PromptMessage => ({
  role: role === "developer" ? "system" : role,
  text: content,
}));

const messagesError = "must be a list of at least one message";
export const Messages = z.array(Message, { error: messagesError }).min(1, { error: messagesError });

const stopError = "must be a text or a list of up to 4 texts, none of them empty";
const Stop = z.string({ error: stopError }).min(1, { error: stopError });

const ResponseFormat = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("text") }),
    z.object({ type: z.literal("json_object"), schema: jsonSchema.nullish() }),
    z.object({ type: z.literal("json_schema"), json_schema: object({ schema: jsonSchema }) }),
  ],
  { error: "must be text, json_object or json_schema" },
);

/**
 * OpenAI's fields, and llama.cpp's and vLLM's for what OpenAI does not have. The seed may be
 * any whole number; the engine's has 32 bits.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
const ChatBody = object({
  messages: Messages,
  stream: flag,
  stream_options: object({ include_usage: flag }).nullish(),
  return_progress: flag,
  continue_final_message: flag,
  max_tokens: wholeFrom(1),
  max_completion_tokens: wholeFrom(1),
  temperature: between(0, 5),
  top_p: between(0, 1),
  top_k: wholeFrom(0),
  min_p: between(0, 1),
  repeat_penalty: between(1, 2),
  seed: z
    .int({ error: "must be a whole number" })
    .transform((seed) => seed >>> 0)
    .nullish(),
  stop: z
    .union([Stop.transform((text) => [text]), z.array(Stop).max(4)], { error: stopError })
    .nullish(),
  n: z.literal(1, { error: "must be 1: a request has one answer" }).nullish(),
  response_format: ResponseFormat.nullish(),
  tools: none("tools"),
  functions: none("functions"),
});

/** @throws {ApiError} 400, naming the field that is wrong. Fields that are not known are left. */
export function parseChatRequest(body: unknown, defaults: ChatDefaults): ChatRequest {
  const data = checkBody(ChatBody, body);
  return {
    ...toPrompt(data),
    maxTokens: data.max_completion_tokens ?? data.max_tokens ?? defaults.maxReplyTokens,
    sampling: toSampling(data, defaults.sampling),
    schema: toSchema(data.response_format ?? { type: "text" }),
    isStreamed: data.stream ?? false,
    includesUsage: data.stream_options?.include_usage ?? false,
    reportsProgress: data.return_progress ?? false,
  };
}

/** A last message of the assistant's is gone on with where that is asked for. */
function toPrompt({ continue_final_message: isOpen, messages }: z.output<typeof ChatBody>) {
  const last = messages.at(-1);
  if (isOpen !== true || last?.role !== "assistant") return { messages, continues: undefined };
  return { messages: messages.slice(0, -1), continues: last.text };
}

function toSampling(data: z.output<typeof ChatBody>, defaults: Sampling): Sampling {
  return {
    temperature: data.temperature ?? defaults.temperature,
    topP: data.top_p ?? defaults.topP,
    topK: data.top_k ?? defaults.topK,
    minP: data.min_p ?? defaults.minP,
    repeatPenalty: data.repeat_penalty ?? defaults.repeatPenalty,
    seed: data.seed ?? defaults.seed,
    stop: data.stop ?? defaults.stop,
  };
}

const ANY_OBJECT: JsonSchema = { type: "object", additionalProperties: true };

function toSchema(format: z.output<typeof ResponseFormat>): JsonSchema | undefined {
  if (format.type === "text") return undefined;
  if (format.type === "json_object") return format.schema ?? ANY_OBJECT;
  return format.json_schema.schema;
}
