import type { Conversation, RowId } from "../conversation.ts";
import type { Speaker } from "../place.ts";
import { moveControls } from "../control/place-controls.ts";
import type { ConversationStore, Engine, ReplyStore } from "../ports.ts";
import type { ReplySurface } from "../reply-surface.ts";
import { toControls } from "../reply/shown-reply.ts";
import { countTurn } from "../prompt/count-turns.ts";
import { toSpeakerLabel } from "../prompt/speaker.ts";
import { readTime } from "../time/place-time.ts";
import type { PlaceTime, TimeSources } from "../time/place-time.ts";
import { toTimeWords } from "../time/time-words.ts";
import { expandNames } from "./expand-names.ts";
import type { PersonaContent } from "./persona.ts";

export interface GreetDependencies extends TimeSources {
  readonly engine: Pick<Engine, "countBasis" | "countTokens">;
  readonly replies: Pick<ReplyStore, "greet" | "savePart">;
  readonly conversations: Pick<ConversationStore, "moveControls">;
  readonly surface: Pick<ReplySurface, "open" | "showControls">;
}

/**
 * A conversation begins with its persona's greeting, as Familiar's own turn. Silent where there is
 * none, and where a system prompt has Familiar be someone else.
 */
export async function greet(
  dependencies: GreetDependencies,
  conversation: Conversation,
  person: Speaker,
): Promise<void> {
  const { persona, systemPrompt } = conversation;
  if (persona === undefined || systemPrompt !== undefined) return;
  const time = await readTime(dependencies, conversation.place);
  const [text, ...alternates] = toGreetings(persona.content, person, time);
  if (text === undefined) return;
  const turn = { role: "assistant", speaker: undefined, text } as const;
  const counted = await countTurn(dependencies.engine, conversation, turn);
  const greeting = { text, alternates, count: counted };
  const replyId = await dependencies.replies.greet(conversation.id, greeting);
  if (replyId === undefined) return;
  const count = 1 + alternates.length;
  await show(dependencies, conversation, { replyId, text, count });
}

function toGreetings(
  { alternateGreetings, greeting, name }: PersonaContent,
  person: Speaker,
  { now, zone }: PlaceTime,
): string[] {
  const words = { char: name, user: toSpeakerLabel(person), time: toTimeWords(now, zone) };
  return [greeting, ...alternateGreetings]
    .map((text) => expandNames(text, words).trim())
    .filter((text) => text !== "");
}

interface ShownGreeting {
  readonly replyId: RowId;
  readonly text: string;
  /** With its alternates. */
  readonly count: number;
}

async function show(
  dependencies: GreetDependencies,
  { place }: Conversation,
  { count, replyId, text }: ShownGreeting,
): Promise<void> {
  const { replies, surface } = dependencies;
  const view = surface.open({
    place,
    answering: undefined,
    savePart: (part) => replies.savePart(replyId, part),
    saveControls: (messageId) => moveControls(dependencies, place, messageId),
    showsTyping: false,
  });
  const ended = {
    id: replyId,
    text,
    thoughts: undefined,
    reason: "stop",
    number: 1,
    count,
  } as const;
  await view.finish({ text, notice: undefined, thoughts: undefined, controls: toControls(ended) });
}
