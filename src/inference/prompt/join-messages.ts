import type { PromptMessage } from "../../chat/ports.ts";

/**
 * Messages as most templates want them: the roles alternate, and the system speaks before the turns,
 * or after all of them. What it says between two turns stands before what a person says next. A system
 * prompt without text is left out.
 */
export function joinMessages(messages: readonly PromptMessage[]): PromptMessage[] {
  const firstTurn = messages.findIndex(({ role }) => role !== "system");
  const lastQuestion = messages.findLastIndex(({ role }) => role === "user");
  const joined: PromptMessage[] = [];
  for (const [index, { role: given, text }] of messages.entries()) {
    if (given === "system" && text === "") continue;
    const isBetween = index > firstTurn && index < lastQuestion;
    const role = given === "system" && isBetween ? "user" : given;
    const previous = joined.at(-1);
    if (previous?.role === role)
      joined[joined.length - 1] = { role, text: `${previous.text}\n\n${text}` };
    else joined.push({ role, text });
  }
  return joined;
}
