import type { Conversation, Turn } from "../conversation.ts";
import { parseExampleDialogue } from "../persona/example-dialogue.ts";
import { expandNames } from "../persona/expand-names.ts";
import type { MeantNames } from "../persona/expand-names.ts";
import type { Lore } from "../persona/lore.ts";
import type { Engine, PromptMessage } from "../ports.ts";
import { toHour } from "../time/local-time.ts";
import type { PlaceTime } from "../time/place-time.ts";
import { toTimeWords } from "../time/time-words.ts";
import type { TimeWords } from "../time/time-words.ts";
import { fitMessage } from "./fit-message.ts";
import { readLore } from "./read-lore.ts";
import { toSpeakerLabel } from "./speaker.ts";
import { describeSystem, joinTexts } from "./system-text.ts";

/** What a prompt holds beside its history. */
export interface FixedParts {
  /** One message, or none. */
  readonly system: FixedPart;
  /** Of those of the system prompt, the tokens of the lorebook's constant entries. */
  readonly systemLoreTokens: number;
  /** The persona's example dialogue, as turns between the system prompt and the history. */
  readonly examples: FixedPart;
  /**
   * The lorebook's entries of the moment, after the history, so that all before them stays as it was
   * evaluated: one message, or none.
   */
  readonly lore: FixedPart;
  /** The persona's post-history instructions, right before the reply: one message, or none. */
  readonly instructions: FixedPart;
  /** Of all these. */
  readonly tokens: number;
  /** All of them when the moment calls for the most: the same from turn to turn. */
  readonly mostTokens: number;
}

export interface FixedPart {
  readonly messages: readonly PromptMessage[];
  readonly tokens: number;
}

export interface FixedSources {
  readonly engine: Pick<Engine, "contextTokens" | "countTokens">;
  readonly lore: Lore;
}

interface FixedSubject {
  readonly conversation: Conversation;
  readonly turns: readonly Turn[];
  readonly time: PlaceTime;
}

/** The most that all fixed parts take together, so that room to talk remains, in tokens. */
export function maxSystemTokens(engine: Pick<Engine, "contextTokens">): number {
  return Math.floor(engine.contextTokens / 2);
}

/**
 * The system prompt and the instructions are never left out while they can be shortened; examples
 * are, block by block, where they do not fit, and entries of the lorebook one by one.
 */
export async function fitFixedParts(
  sources: FixedSources,
  { defaultSystemPrompt }: { readonly defaultSystemPrompt: string },
  { conversation, time, turns }: FixedSubject,
): Promise<FixedParts> {
  const { engine } = sources;
  const persona = conversation.persona?.content;
  const names = { ...meantNames(conversation, turns), time: toSteadyWords(time) };
  const latest = { ...names, time: toTimeWords(time.now, time.zone) };
  const last = expandNames(persona?.postHistoryInstructions ?? "", latest).trim();
  const most = maxSystemTokens(engine);
  const instructions = await fitOptional(engine, last, Math.floor(most / 4));

  const described = describeSystem(conversation, defaultSystemPrompt, names);
  const room = { most, left: most - instructions.tokens };
  const request = { conversation, turns, names, described, room };
  const { aloneTokens, entries } = await readLore(sources, request);
  const lore = await fitOptional(engine, joinTexts(entries.late), entries.mostLateTokens);
  const text = described.toText(entries);
  const system = await fitOne(engine, text, room.left - entries.mostLateTokens);

  const blocks = parseExampleDialogue(persona?.exampleDialogue ?? "", names);
  const always = instructions.tokens + system.tokens + entries.mostLateTokens;
  const examples = await fitBlocks(engine, blocks, most - always);
  return {
    system,
    systemLoreTokens: Math.max(0, system.tokens - (aloneTokens ?? system.tokens)),
    examples,
    lore,
    instructions,
    tokens: instructions.tokens + system.tokens + lore.tokens + examples.tokens,
    mostTokens: always + examples.tokens,
  };
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

/** What is evaluated holds for an hour; what comes after the history is evaluated anew anyway. */
function toSteadyWords({ now, zone }: PlaceTime): TimeWords {
  return toTimeWords(toHour(now, zone), zone);
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
async function fitOptional(
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
