import type { ControlTokenFact, VocabularyFacts } from "./inspect-vocabulary.ts";
import { ok, warning } from "./report.ts";
import type { Line } from "./report.ts";

const CHAT_ML = "chatml";
const CHAT_ML_END = "<|im_end|>";

/** https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#ggml */
const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;

export function toVocabularyLines(facts: VocabularyFacts): Line[] {
  return [
    toTemplateLine(facts),
    ...facts.controlTokens.map((token) => toControlTokenLine(token, facts.promptFormat)),
    toEndLine(facts),
  ];
}

function toTemplateLine({ promptFormat, template }: VocabularyFacts): Line {
  const isChatMl = promptFormat === CHAT_ML;
  const own = `in the form ${promptFormat} of node-llama-cpp`;
  switch (template) {
    case "chatml":
      return ok("Its chat template equals Familiar's, ChatML: Familiar's prompts are used.");
    case "none":
      return isChatMl
        ? warning("It has no chat template: Familiar's prompts are used, ChatML.")
        : warning(`It has no chat template and speaks no ChatML: prompts are written ${own}.`);
    case "other":
      return isChatMl
        ? warning(
            "Its chat template is not ChatML, but CHAT_TEMPLATE=chatml: Familiar's prompts are used, which it may not know.",
          )
        : ok(`Its chat template is not Familiar's: its own prompts are used, ${own}.`);
    default:
      return template satisfies never;
  }
}

function toControlTokenLine({ text, type }: ControlTokenFact, promptFormat: string): Line {
  switch (type) {
    case CONTROL:
      return ok(`${text} is there as a control token.`);
    case USER_DEFINED:
      return warning(
        `${text} is user-defined, no control token: llama.cpp finds it in people's text as well, so Familiar cuts it up there.`,
      );
    case NORMAL:
      return warning(
        `${text} is typed as ordinary text, no control token: ${sayUse(promptFormat)}.`,
      );
    case undefined:
      return ok(`It has no ${text} token, and its prompts need none.`);
    default:
      return warning(`${text} has the odd token type ${type}: Familiar treats it as control.`);
  }
}

function sayUse(promptFormat: string): string {
  return promptFormat === CHAT_ML
    ? "Familiar puts it into prompts by its number"
    : "its own template may not find it";
}

function toEndLine({ endToken, knownEnds, promptFormat }: VocabularyFacts): Line {
  const others = promptFormat === CHAT_ML ? [...knownEnds, CHAT_ML_END] : knownEnds;
  if (endToken === undefined) return warning(`The file names no end token: ${sayEnds(others)}.`);
  const { isKnownEnd, text } = endToken;
  if (text === undefined)
    return warning(`The file's end token is none of its tokens: ${sayEnds(others)}.`);
  if (!isKnownEnd)
    return warning(`llama.cpp does not end a reply at the end token ${text}: ${sayEnds(others)}.`);
  const isElsewhere = promptFormat === CHAT_ML && text !== CHAT_ML_END;
  const also = isElsewhere ? `, and Familiar at ${CHAT_ML_END} as well` : "";
  return ok(`The end token is ${text}: llama.cpp ends replies there${also}.`);
}

function sayEnds(ends: readonly string[]): string {
  const spellings = [...new Set(ends)];
  if (spellings.length === 0) return "a reply goes on until MAX_REPLY_TOKENS";
  return `replies end at ${spellings.join(", ")}`;
}
