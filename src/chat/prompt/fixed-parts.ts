import type { Conversation, Turn } from "../conversation.ts";
import { parseExampleDialogue } from "../persona/example-dialogue.ts";
import { expandNames } from "../persona/expand-names.ts";
import type { MeantNames } from "../persona/expand-names.ts";
import type { PersonaContent } from "../persona/persona.ts";
import type { Engine, PromptMessage } from "../ports.ts";
import { fitMessage } from "./fit-message.ts";
import { toSpeakerLabel } from "./speaker.ts";

/** What is in every prompt of a conversation, whatever is said in it. */
export interface FixedParts {
  /** One message, or none. */
  readonly system: FixedPart;
  /** The persona's example dialogue, as turns between the system prompt and the history. */
  readonly examples: FixedPart;
  /** The persona's post-history instructions, after the history: one message, or none. */
  readonly instructions: FixedPart;
  /** Of all three. */
  readonly tokens: number;
}

export interface FixedPart {
  readonly messages: readonly PromptMessage[];
  readonly tokens: number;
}

/** The most that all fixed parts take together, so that room to talk remains, in tokens. */
export function maxSystemTokens(engine: Pick<Engine, "contextTokens">): number {
  return Math.floor(engine.contextTokens / 2);
}

/**
 * The system prompt and the instructions are never left out while they can be shortened; examples
 * are, block by block, where they do not fit.
 */
export async function fitFixedParts(
  engine: Pick<Engine, "contextTokens" | "countTokens">,
  { defaultSystemPrompt }: { readonly defaultSystemPrompt: string },
  { conversation, turns }: { readonly conversation: Conversation; readonly turns: readonly Turn[] },
): Promise<FixedParts> {
  const persona = conversation.persona?.content;
  const names = meantNames(conversation, turns);
  const described = persona === undefined ? "" : describePersona(persona, names);
  const first = conversation.systemPrompt ?? (described === "" ? defaultSystemPrompt : described);
  const last = expandNames(persona?.postHistoryInstructions ?? "", names).trim();
  const blocks = parseExampleDialogue(persona?.exampleDialogue ?? "", names);

  const most = maxSystemTokens(engine);
  const instructions = await fitInstructions(engine, last, Math.floor(most / 4));
  const system = await fitOne(engine, first, most - instructions.tokens);
  const left = most - instructions.tokens - system.tokens;
  const examples = await fitBlocks(engine, blocks, left);
  const tokens = system.tokens + examples.tokens + instructions.tokens;
  return { system, examples, instructions, tokens };
}

/** The persona's own texts as one system prompt; empty where it has none. */
function describePersona(persona: PersonaContent, names: MeantNames): string {
  const { description, personality, scenario, systemPrompt } = persona;
  const character = [
    description.trim(),
    labelled("{{char}}'s personality", personality),
    labelled("Scenario", scenario),
  ].filter((part) => part !== "");
  const isNamed = systemPrompt.trim() !== "" || character.length === 0;
  const role = isNamed ? systemPrompt.trim() : "You are {{char}}.";
  return expandNames([role, ...character].filter((part) => part !== "").join("\n\n"), names);
}

function labelled(label: string, text: string): string {
  return text.trim() === "" ? "" : `${label}: ${text.trim()}`;
}

/** The same from prompt to prompt, so that the beginning stays: one person's name, or no one's. */
function meantNames(conversation: Conversation, turns: readonly Turn[]): MeantNames {
  const speaker = turns.findLast((turn) => turn.speaker !== undefined)?.speaker;
  const isOne = speaker !== undefined && !conversation.hasSeveralSpeakers;
  return {
    char: conversation.persona?.content.name ?? "Familiar",
    user: isOne ? toSpeakerLabel(speaker) : "User",
  };
}

const NOTHING: FixedPart = { messages: [], tokens: 0 };

async function fitOne(
  engine: Pick<Engine, "countTokens">,
  text: string,
  maxTokens: number,
): Promise<FixedPart> {
  if (text === "") return NOTHING;
  const { tokens, ...message } = await fitMessage({ role: "system", text }, engine, maxTokens);
  return { messages: [message], tokens };
}

/** In a very small context, even the mark of what was left out is too much. */
async function fitInstructions(
  engine: Pick<Engine, "countTokens">,
  text: string,
  maxTokens: number,
): Promise<FixedPart> {
  const fitted = await fitOne(engine, text, maxTokens);
  return fitted.tokens > maxTokens ? NOTHING : fitted;
}

async function fitBlocks(
  engine: Pick<Engine, "countTokens">,
  blocks: readonly (readonly PromptMessage[])[],
  maxTokens: number,
): Promise<FixedPart> {
  let fitted = NOTHING;
  for (const block of blocks) {
    const counts = await Promise.all(block.map((message) => engine.countTokens(message)));
    const tokens = counts.reduce((sum, count) => sum + count, fitted.tokens);
    if (tokens > maxTokens) break;
    fitted = { messages: [...fitted.messages, ...block], tokens };
  }
  return fitted;
}
