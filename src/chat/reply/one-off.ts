import type { Conversation, Turn } from "../conversation.ts";
import type { UserId } from "../ids.ts";
import type { EffectivePersona } from "../persona/persona.ts";
import type { Place, Speaker } from "../place.ts";
import { composePrompt } from "../prompt/compose-prompt.ts";
import type { PromptSources } from "../prompt/compose-prompt.ts";
import type { ReplyView } from "../reply-surface.ts";
import { toSampling } from "../settings/effective-sampling.ts";
import type { AnswerDependencies, AnswerSettings } from "./answer-ports.ts";
import type { WrittenReply } from "./keep-reply.ts";
import { toNotice } from "./notice.ts";
import type { Notice } from "./notice.ts";
import { QueueFull } from "./reply-line.ts";
import { ReplyStopped } from "./reply-queue.ts";
import { streamReply } from "./stream-reply.ts";

export interface OneOffRequest {
  /** By which it can be stopped. */
  readonly key: string;
  /** Where it is asked for; no conversation there is read or written. */
  readonly place: Place;
  readonly askedBy: Speaker;
  readonly text: string;
  readonly persona: EffectivePersona | undefined;
  /** At most as many as for any reply. */
  readonly maxReplyParts: number;
  readonly view: Omit<ReplyView, "finish">;
}

/** How it ended, for whoever shows it. */
export interface OneOffEnding {
  readonly text: string;
  readonly thoughts: string | undefined;
  readonly notice: Notice | undefined;
}

interface Running {
  readonly abort: AbortController;
  readonly askedBy: UserId;
  readonly done: Promise<OneOffEnding>;
}

const NO_ROW = 0;

/** Notes are of conversations. */
const NO_NOTES: PromptSources["notes"] = { read: async () => [] };

/** Replies to what belongs to no conversation. Nothing of them is stored; only the numbers count. */
export class OneOffReplies {
  readonly #dependencies: AnswerDependencies;
  readonly #settings: AnswerSettings;
  readonly #running = new Map<string, Running>();

  constructor(dependencies: AnswerDependencies, settings: AnswerSettings) {
    this.#dependencies = dependencies;
    this.#settings = settings;
  }

  /** Waits in line as every reply does, and resolves when all is written. */
  async write(request: OneOffRequest): Promise<OneOffEnding> {
    const abort = new AbortController();
    const done = this.#write(request, abort.signal);
    this.#running.set(request.key, { abort, askedBy: request.askedBy.id, done });
    try {
      return await done;
    } finally {
      this.#running.delete(request.key);
    }
  }

  /** Whose it is; undefined where nothing is written under this key any more. */
  askerOf(key: string): UserId | undefined {
    return this.#running.get(key)?.askedBy;
  }

  stop(key: string): void {
    this.#running.get(key)?.abort.abort(new ReplyStopped("aborted"));
  }

  /** Ends all that are still being written. */
  interrupt(): void {
    for (const { abort } of this.#running.values()) abort.abort(new ReplyStopped("interrupted"));
  }

  /** Resolves when those under way have ended. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  async #write(request: OneOffRequest, stop: AbortSignal): Promise<OneOffEnding> {
    const { askedBy, place, view } = request;
    const signal = AbortSignal.any([stop, view.gone]);
    try {
      using _writing = this.#dependencies.quotas.startWriting(place, askedBy.id);
      return this.#toEnding(await this.#writeInTurn(request, { signal, stop }));
    } catch (error) {
      const nothing = { text: "", thoughts: undefined };
      if (error instanceof QueueFull) {
        return { ...nothing, notice: { kind: "queue-full", of: error.of } };
      }
      if (!signal.aborted) throw error;
      const reason = stop.reason instanceof ReplyStopped ? stop.reason.reason : "unreachable";
      return this.#toEnding({ ...nothing, reason });
    }
  }

  #toEnding({ reason, text, thoughts }: Omit<WrittenReply, "usage">): OneOffEnding {
    return { text, thoughts, notice: toNotice(reason, this.#settings) };
  }

  async #writeInTurn(
    request: OneOffRequest,
    { signal, stop }: { readonly signal: AbortSignal; readonly stop: AbortSignal },
  ): Promise<WrittenReply> {
    const { clock, line, log, numbers, quotas } = this.#dependencies;
    const { askedBy, place, view } = request;
    const arrivedAt = clock.now();
    let hasWaited = false;
    const onPlace = (position: number): void => {
      hasWaited = true;
      view.wait({ kind: "queued", place: position });
    };
    using _place = await line.enter({ userId: askedBy.id, signal, onPlace });
    const waitedMs = clock.now() - arrivedAt;
    if (hasWaited) view.wait({ kind: "turn" });
    const written = await this.#stream(request, stop);
    const { reason, usage } = written;
    numbers.ended({ usage, waitedMs, reason });
    await quotas
      .count({ place, askedBy: askedBy.id, written, textTokens: 0 })
      .catch((error: unknown) => log.warn({ error }, "A reply could not be counted"));
    return written;
  }

  async #stream(request: OneOffRequest, signal: AbortSignal): Promise<WrittenReply> {
    const { clock, engine, lore, settings } = this.#dependencies;
    const { persona, place, view } = request;
    const conversations = holdOnly(toTurn(request, clock.date()));
    const sources = { clock, engine, lore, notes: NO_NOTES, conversations, settings };
    const prompt = await composePrompt(sources, toConversation(request), this.#settings);
    const { sampling: layers } = await settings.effective(place);
    const preferred = persona?.content.sampling ?? {};
    const defaults = this.#settings.sampling;
    return await streamReply(this.#dependencies, {
      conversationId: undefined,
      replyId: undefined,
      prompt,
      beginning: "",
      sampling: toSampling({ defaults, layers, persona: preferred }),
      maxReplyParts: Math.min(request.maxReplyParts, this.#settings.maxReplyParts),
      view,
      signal,
    });
  }
}

/** What a prompt is composed from, as if this were all that was ever said. */
function toConversation({ askedBy, persona, place }: OneOffRequest): Conversation {
  return {
    id: NO_ROW,
    place,
    isParticipant: false,
    openedBy: askedBy.id,
    hasSeveralSpeakers: false,
    systemPrompt: undefined,
    persona,
    windowStart: 0,
    recallFrom: undefined,
    nextPosition: 0,
    lastMessageId: undefined,
  };
}

function toTurn({ askedBy, text }: OneOffRequest, saidAt: Date): Turn {
  return {
    id: NO_ROW,
    position: 0,
    role: "user",
    speaker: askedBy,
    text,
    saidAt,
    count: undefined,
  };
}

function holdOnly(turn: Turn): PromptSources["conversations"] {
  return {
    view: async () => [turn],
    moveWindow: async () => {},
    saveCounts: async () => {},
  };
}
