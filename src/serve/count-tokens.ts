import type { Engine, PromptMessage } from "../chat/ports.ts";

/** What a prompt of these messages takes, the reply's header included; never too few. */
export async function countPrompt(
  engine: Engine,
  messages: readonly PromptMessage[],
): Promise<number> {
  const counts = await Promise.all(messages.map((message) => engine.countTokens(message)));
  return counts.reduce((sum, count) => sum + count, engine.overheadTokens);
}

/** What a text takes without the control tokens of a message. */
export async function countText(engine: Engine, text: string): Promise<number> {
  const whole = await engine.countTokens({ role: "user", text });
  return whole - (await engine.countTokens({ role: "user", text: "" }));
}
