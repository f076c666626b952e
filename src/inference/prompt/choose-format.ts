import type { ChatHistoryItem, LlamaModel } from "node-llama-cpp";
import { JinjaTemplateChatWrapper, resolveChatWrapper } from "node-llama-cpp";
import { CHAT_ML_CONTROL_TEXTS } from "../../chat/prompt/control-text.ts";
import { createChatMlFormat, hasChatMlTokens } from "./chatml-format.ts";
import type { PromptFormat } from "./prompt-format.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { createWrappedFormat } from "./wrapped-format.ts";

/** `auto` takes what the GGUF says; `chatml` is for files that say nothing or something wrong. */
export function choosePromptFormat(
  model: LlamaModel,
  vocabulary: Vocabulary,
  template: "auto" | "chatml",
): PromptFormat {
  const own = model.fileInfo.metadata.tokenizer.chat_template;
  const speaksChatMl = hasChatMlTokens(vocabulary) && (own === undefined || isChatMl(own));
  if (template === "chatml" || speaksChatMl) return createChatMlFormat(model, vocabulary);
  return createWrappedFormat(model, vocabulary, resolveChatWrapper(model, { warningLogs: false }));
}

/** Some templates use the two tokens otherwise (Phi-4 sets `<|im_sep|>` after the role). */
function isChatMl(template: string): boolean {
  if (!CHAT_ML_CONTROL_TEXTS.every((text) => template.includes(text))) return false;
  const rendered = renderQuestion(template);
  return rendered === undefined || rendered.includes("<|im_start|>user\nprobe<|im_end|>\n");
}

function renderQuestion(template: string): string | undefined {
  try {
    const chatHistory: ChatHistoryItem[] = [
      { type: "user", text: "probe" },
      { type: "model", response: [] },
    ];
    const wrapper = new JinjaTemplateChatWrapper({ template });
    return wrapper.generateContextState({ chatHistory }).contextText.toString();
  } catch {
    // A template that cannot be rendered says no more than the tokens it names.
    return undefined;
  }
}
