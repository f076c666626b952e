import type { PromptMessage } from "../ports.ts";

/** Begins a turn and ends it. Only these two are ever control tokens of a ChatML prompt. */
export type ControlToken = "<|im_start|>" | "<|im_end|>";

/** Control tokens and text never mix: whatever `text` holds is text. */
export type PromptSegment =
  | { readonly kind: "control"; readonly name: ControlToken }
  | { readonly kind: "text"; readonly text: string };

/**
 * Writes a prompt as the model card of DPOpenHermes has it. All that stands between two control
 * tokens is one text segment, so that its tokens are those of the whole rendered prompt. `reply`
 * is the beginning of the reply, from whose end the model goes on.
 * https://huggingface.co/openaccess-ai-collective/DPOpenHermes-7B#prompt-format
 */
export function toChatMl(messages: readonly PromptMessage[], reply = ""): PromptSegment[] {
  return [...messages.flatMap(toChatMlTurn), ...toReplyHeader(reply)];
}

/** What one message adds to a prompt: nothing for a system prompt without text. */
export function toChatMlTurn({ role, text }: PromptMessage): PromptSegment[] {
  if (role === "system" && text === "") return [];
  return [
    { kind: "control", name: "<|im_start|>" },
    { kind: "text", text: `${role}\n${text}` },
    { kind: "control", name: "<|im_end|>" },
    { kind: "text", text: "\n" },
  ];
}

/** The end of every prompt: the model writes the assistant's turn from here. */
export const REPLY_HEADER: readonly PromptSegment[] = toReplyHeader("");

function toReplyHeader(reply: string): PromptSegment[] {
  return [
    { kind: "control", name: "<|im_start|>" },
    { kind: "text", text: `assistant\n${reply}` },
  ];
}
