import type { ChatHistoryItem, ChatWrapper, LlamaModel, LlamaText, Token } from "node-llama-cpp";
import { SpecialToken } from "node-llama-cpp";
import type { PromptMessage } from "../../chat/ports.ts";
import { joinMessages } from "./join-messages.ts";
import type { Prompt, PromptFormat } from "./prompt-format.ts";
import type { TextTokenizer } from "./text-tokenizer.ts";
import { createTextTokenizer } from "./text-tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

interface Writer {
  readonly model: LlamaModel;
  readonly wrapper: ChatWrapper;
  readonly text: TextTokenizer;
  readonly special: ReadonlySet<Token>;
}

const EMPTY_QUESTION: PromptMessage = { role: "user", text: "" };

/**
 * Writes prompts in a model's own template through one of the library's chat wrappers. Such a
 * template may join and move messages, so a message's count is an upper bound: what it takes alone.
 */
export function createWrappedFormat(
  model: LlamaModel,
  vocabulary: Vocabulary,
  wrapper: ChatWrapper,
): PromptFormat {
  const special = new Set(vocabulary.specialTokens.values());
  const writer = { model, wrapper, text: createTextTokenizer(model, vocabulary), special };
  const count = (messages: readonly PromptMessage[]): number =>
    writePrompt(writer, messages).tokens.length;
  const emptyCount = count([EMPTY_QUESTION]);

  return {
    name: wrapper.wrapperName,
    overheadTokens: emptyCount,
    // Templates want a reply to follow a question.
    countTokens: (message) =>
      message.role === "assistant"
        ? count([EMPTY_QUESTION, message, EMPTY_QUESTION]) - emptyCount
        : count([message]),
    toPrompt: (messages, continues) => writePrompt(writer, messages, continues),
  };
}

/** The library's wrappers leave the last reply open. */
function writePrompt(
  writer: Writer,
  messages: readonly PromptMessage[],
  continues?: string,
): Prompt {
  const response = continues === undefined ? [] : [continues];
  const { contextText, stopGenerationTriggers } = writer.wrapper.generateContextState({
    chatHistory: [...joinMessages(messages).map(toHistoryItem), { type: "model", response }],
  });
  const triggers = stopGenerationTriggers.map((trigger) => ({
    text: toPlainText(trigger),
    first: toTokens(writer, trigger)[0],
  }));
  const [tokenTriggers, textTriggers] = partition(
    triggers,
    ({ first }) => first !== undefined && writer.special.has(first),
  );
  return {
    tokens: withBeginning(writer.model, toTokens(writer, contextText)),
    stopTokens: new Set(tokenTriggers.flatMap(({ first }) => first ?? [])),
    stopTexts: textTriggers.map(({ text }) => text),
    // Where a template puts it is not known: some write it into the first question.
    systemTokens: 0,
  };
}

function toHistoryItem({ role, text }: PromptMessage): ChatHistoryItem {
  if (role === "assistant") return { type: "model", response: [text] };
  return { type: role, text };
}

/** As the library does it, but with people's text made safe. */
function toTokens({ model, text }: Writer, written: LlamaText): Token[] {
  let tokens: Token[] = [];
  for (const value of written.values) {
    const isFirst = tokens.length === 0;
    if (typeof value === "string")
      tokens = tokens.concat(isFirst ? text.tokenize(value) : text.continue(value));
    else if (value instanceof SpecialToken) tokens = tokens.concat(value.tokenize(model.tokenizer));
    else tokens = tokens.concat(value.tokenize(model.tokenizer, !isFirst));
  }
  return tokens;
}

/** A model without the builtin token that a trigger names must not stop at that token's name. */
function toPlainText({ values }: LlamaText): string {
  return values.map((value) => (value instanceof SpecialToken ? "" : value.toString())).join("");
}

function withBeginning(model: LlamaModel, tokens: Token[]): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  if (!shouldPrependBosToken || bos === null || tokens[0] === bos) return tokens;
  return [bos, ...tokens];
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
