import type { Engine, PromptMessage } from "../../src/chat/ports.ts";

const WORDS =
  "the harbour lies quiet while boats come home and people talk of wind rain bread old songs a lamp on the hill tomorrow children dogs apples letters night morning".split(
    " ",
  );
const HEROES = "dragon baker sailor fox miller queen painter shepherd robin giant".split(" ");

/** Asks for a text long enough for any measurement; no two numbers give the same question. */
export function askForStory(number: number): PromptMessage {
  const hero = HEROES[number % HEROES.length] ?? "";
  return { role: "user", text: `Tell me a long story about ${hero} ${number}.` };
}

function writeWords(count: number, random: () => number): string {
  const words = Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]);
  return `${words.join(" ")}.`;
}

export interface MessageSpec {
  readonly role: PromptMessage["role"];
  /** How many tokens the message adds to a prompt, give or take a word. */
  readonly tokens: number;
  /** What it begins with, so that it is like no other. */
  readonly opening: string;
}

export async function writeMessage(
  counter: Pick<Engine, "countTokens">,
  spec: MessageSpec,
  random: () => number,
): Promise<PromptMessage> {
  let text = spec.opening;
  for (;;) {
    const missing = spec.tokens - (await counter.countTokens({ role: spec.role, text }));
    if (missing <= 0) return { role: spec.role, text };
    text += ` ${writeWords(Math.ceil(missing / 4), random)}`;
  }
}
