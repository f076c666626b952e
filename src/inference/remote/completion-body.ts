import type { GenerationRequest, PromptMessage } from "../../chat/ports.ts";
import { joinMessages } from "../prompt/join-messages.ts";
import { defuseText } from "./defuse-text.ts";

/** Fields that OpenAI does not have; some servers refuse a request for one of them. */
export const EXTRA_FIELDS = [
  "top_k",
  "min_p",
  "repeat_penalty",
  "repetition_penalty",
  "return_progress",
  "continue_final_message",
  "add_generation_prompt",
] as const;

/** OpenAI refuses more; the others are watched for here alone. */
const MAX_STOPS = 4;

export interface CompletionRequest extends Pick<
  GenerationRequest,
  "continues" | "messages" | "maxTokens" | "sampling" | "schema"
> {
  readonly model: string;
}

/** https://platform.openai.com/docs/api-reference/chat/create */
export function toCompletionBody(request: CompletionRequest) {
  const { continues, maxTokens, messages, model, sampling, schema } = request;
  const stop = sampling.stop.filter((text) => text !== "").slice(0, MAX_STOPS);
  return {
    model,
    messages: toServerMessages(withReply(messages, continues)).map(toContent),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
    ...(stop.length === 0 ? {} : { stop }),
    ...(schema === undefined
      ? {}
      : {
          response_format: {
            type: "json_schema",
            json_schema: { name: "reply", strict: true, schema },
          },
        }),
  };
}

/** Servers that can, go on from a last message that is the assistant's. */
function withReply(
  messages: readonly PromptMessage[],
  continues: string | undefined,
): readonly PromptMessage[] {
  if (continues === undefined) return messages;
  return [...messages, { role: "assistant", text: continues }];
}

function toContent({ role, text }: PromptMessage) {
  return { role, content: text };
}

/**
 * The repeat penalty has two names: llama-server's, and that of vLLM and SGLang. Those two must be
 * told that a last message is to be gone on with; llama-server sees it.
 */
export function toExtraFields({
  continues,
  sampling: { minP, repeatPenalty, topK },
}: Pick<CompletionRequest, "continues" | "sampling">) {
  const isOpen = { continue_final_message: true, add_generation_prompt: false };
  return {
    ...(continues === undefined ? {} : isOpen),
    top_k: topK,
    min_p: minP,
    repeat_penalty: repeatPenalty,
    repetition_penalty: repeatPenalty,
    return_progress: true,
  } satisfies Partial<Record<(typeof EXTRA_FIELDS)[number], unknown>>;
}

export function toServerMessages(messages: readonly PromptMessage[]): PromptMessage[] {
  return joinMessages(messages.map(({ role, text }) => ({ role, text: defuseText(text) })));
}
