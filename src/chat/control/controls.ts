import type { LastReply, RowId } from "../conversation.ts";
import { forgetTakenBack } from "../forget-evaluated.ts";
import { toMessageId } from "../ids.ts";
import type { ChannelId, MessageId, UserId } from "../ids.ts";
import type { InOrder } from "../in-order.ts";
import type { Place } from "../place.ts";
import { InvalidInput } from "../problem.ts";
import type { AnswerPorts, AnswerSettings } from "../reply/answer-ports.ts";
import type { Rewriting } from "../reply/begin-reply.ts";
import { ReplyStopped } from "../reply/reply-queue.ts";
import type { AskingMessage } from "../reply/asking-message.ts";
import type { ReplyQueue } from "../reply/reply-queue.ts";
import { activeOf, isOf, variantAt, wasCut } from "../reply/shown-reply.ts";
import type { Quotas } from "../settings/quotas.ts";
import { settingsIn } from "../settings/settings-in.ts";
import { assertAnswersStored, assertAsker, assertModerator } from "./assert-control.ts";
import type { Controller } from "./assert-control.ts";
import { findLastExchange } from "./last-exchange.ts";
import { restoreControls } from "./place-controls.ts";
import { sayAsFamiliar } from "./say.ts";
import { showVariant } from "./show-variant.ts";

export interface ControlParts {
  readonly ports: AnswerPorts;
  readonly settings: AnswerSettings;
  readonly events: InOrder<ChannelId>;
  readonly queue: ReplyQueue;
  readonly quotas: Pick<Quotas, "assertFree" | "freeAt">;
  /** Has a reply written; resolves when the one under way has ended. */
  readonly ask: (
    place: Place,
    messages: readonly AskingMessage[],
    how?: Rewriting,
  ) => Promise<void>;
  readonly forgetMessages: (placeId: ChannelId, messageIds: readonly MessageId[]) => Promise<void>;
}

/** Who does something where, and to which reply; undefined for the last one, whichever it is. */
export interface ControlRequest {
  readonly place: Place;
  readonly by: Controller;
  readonly replyId?: RowId | undefined;
  /** A message that must show the last reply, or be answered by it. */
  readonly messageId?: MessageId | undefined;
}

/** A message that is to be forgotten, and who wrote it; undefined for Familiar's own. */
export interface ForgottenMessage {
  readonly id: MessageId;
  readonly author: UserId | undefined;
}

export interface ReplyWords {
  /** Undefined where Familiar spoke as itself. */
  readonly name: string | undefined;
  readonly text: string;
}

/**
 * What people do with the last reply of a place. Every method throws `InvalidInput` where it may not
 * or cannot be done. What is written is not waited for.
 */
export class Controls {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** Stops the reply that is being written, and drops those that were to follow it. */
  async stop({ by, place }: ControlRequest): Promise<void> {
    const { queue } = this.#parts;
    await queue.untilEnded(place.id);
    if (!queue.isRunning(place.id)) throw new InvalidInput({ kind: "nothing-to-stop" });
    await this.#assertMayControl({ by, place }, queue.askers(place.id));
    await queue.stop(place.id, new ReplyStopped("aborted"));
  }

  /** Has another variant of the last reply written, from the history before it. */
  async regenerate(request: ControlRequest): Promise<void> {
    await this.#whileIdle(request.place, async () => {
      const last = await this.#requireLast(request);
      await this.#assertMayControl(request, [last.askedBy]);
      assertAnswersStored(last);
      await this.#assertFree(request);
      this.#rewrite(request, { kind: "again", last });
    });
  }

  /** Has the model go on with the last reply where it was cut; the reply grows. */
  async goOn(request: ControlRequest): Promise<void> {
    await this.#whileIdle(request.place, async () => {
      const last = await this.#requireLast(request);
      if (!wasCut(activeOf(last))) throw new InvalidInput({ kind: "reply-complete" });
      assertAnswersStored(last);
      await this.#assertFree(request);
      this.#rewrite(request, { kind: "on", last });
    });
  }

  /** Shows the variant before the one that is shown (-1), or the one after it (1). */
  async step(request: ControlRequest, step: -1 | 1): Promise<void> {
    const { queue } = this.#parts;
    const { place } = request;
    const shown = await this.#whileIdle(place, async () => {
      const last = await this.#requireLast(request);
      const target = variantAt(last, activeOf(last).number - 1 + step);
      if (target === undefined) throw new InvalidInput({ kind: "variant-missing" });
      const { ports } = this.#parts;
      const settings = await this.#settingsIn(place);
      return {
        done: queue.runAlone(place.id, () => showVariant(ports, settings, { last, place, target })),
      };
    });
    await shown.done;
    await this.#forgetEvaluated(place);
  }

  /** Takes the last reply out of the history, and its messages out of the place. */
  async deleteReply(request: ControlRequest): Promise<void> {
    const { conversations } = this.#parts.ports;
    const messages = await this.#whileIdle(request.place, async () => {
      const last = await this.#requireLast(request);
      assertAsker(request.by, [last.askedBy]);
      const shown = await conversations.dropTurns([last.turnId]);
      return withControls(shown, last);
    });
    await this.#removeShown(request.place, messages);
  }

  /**
   * Takes back what people said since the last reply, else that reply and what it answers. People's
   * messages stay where they are, and leave the history.
   */
  async undo({ by, place }: ControlRequest): Promise<void> {
    const { conversations, replies } = this.#parts.ports;
    const messages = await this.#whileIdle(place, async () => {
      const conversation = await conversations.find(place.id);
      const turns = conversation === undefined ? [] : await conversations.view(conversation);
      const exchange = findLastExchange(turns);
      if (conversation === undefined || exchange.length === 0) {
        throw new InvalidInput({ kind: "nothing-to-undo" });
      }
      const speakers = exchange.flatMap(({ speaker }) => speaker?.id ?? []);
      const last = await replies.last(conversation.id);
      // What the reply answers may not be stored.
      assertAsker(by, speakers.length === 0 ? [last?.askedBy] : speakers);
      const shown = await conversations.dropTurns(exchange.map(({ id }) => id));
      const takesReply = exchange.some(({ id }) => id === last?.turnId);
      return takesReply ? withControls(shown, last) : shown;
    });
    await this.#removeShown(place, messages);
  }

  /** Says something as Familiar: it belongs to the history like any reply, and no model wrote it. */
  async say({ by, place }: ControlRequest, text: string): Promise<void> {
    assertModerator(by);
    const { ports, queue } = this.#parts;
    const settings = await this.#settingsIn(place);
    const said = await this.#whileIdle(place, async () => {
      const words = { place, text, by: by.speaker };
      return { done: queue.runAlone(place.id, () => sayAsFamiliar(ports, settings, words)) };
    });
    await said.done;
  }

  /** Forgets what a message brought into the history; Familiar's own message is deleted as well. */
  async forget({ by, place }: ControlRequest, message: ForgottenMessage): Promise<void> {
    const { conversations, replies, surface } = this.#parts.ports;
    const conversation = await conversations.find(place.id);
    const isKnown =
      conversation !== undefined &&
      (await conversations.findTurn(place.id, message.id)) !== undefined;
    if (!isKnown) throw unknownMessage();
    const last = await replies.last(conversation.id);
    const isLast = last?.parts.some(({ messageId }) => messageId === message.id) === true;
    const asker = message.author ?? (isLast ? last.askedBy : undefined);
    if (asker === undefined) assertModerator(by);
    else assertAsker(by, [asker]);
    await this.#parts.forgetMessages(place.id, [message.id]);
    if (message.author !== undefined) return;
    await surface.remove(place, [message.id]);
    if (isLast) await restoreControls(this.#parts.ports, place);
  }

  /** The words of the last reply as it is shown, and the persona that said them. */
  async lastWords({ place, replyId }: Omit<ControlRequest, "by">): Promise<ReplyWords> {
    const last = await this.#requireLast({ place, replyId });
    const conversation = await this.#parts.ports.conversations.find(place.id);
    const { persona, systemPrompt } = conversation ?? {};
    const name = systemPrompt === undefined ? persona?.content.name : undefined;
    return { name, text: activeOf(last).text };
  }

  /** The turn that a conversation can be forked from, and with it. */
  async turnToFork({ messageId, place, replyId }: ControlRequest): Promise<RowId> {
    if (place.kind === "direct") throw new InvalidInput({ kind: "threads-impossible" });
    if (messageId === undefined) return (await this.#requireLast({ place, replyId })).turnId;
    const turnId = await this.#parts.ports.conversations.findTurn(place.id, messageId);
    if (turnId === undefined) throw unknownMessage();
    return turnId;
  }

  /** Begins a thread's conversation with the history up to a turn, and answers what it ends with. */
  async fork(thread: Place, turnId: RowId, by: Controller): Promise<void> {
    const { quotas } = this.#parts;
    const { conversations, settings } = this.#parts.ports;
    await this.#parts.events.run(thread.id, async () => {
      const fork = { place: thread, turnId, openedBy: by.speaker.id };
      if (!(await conversations.fork(fork))) throw unknownMessage();
      settings.forget(thread.id);
      const conversation = await conversations.find(thread.id);
      const turns = conversation === undefined ? [] : await conversations.view(conversation);
      if (turns.at(-1)?.role !== "user") return;
      const isFree = (await quotas.freeAt(thread, by.speaker.id)) === undefined;
      // The thread hangs on the message that has its id.
      const asking = { id: toMessageId(thread.id), author: by.speaker };
      if (isFree) void this.#parts.ask(thread, [asking]);
    });
  }

  /** The asker and moderators may, and where the settings say so, everyone. */
  async #assertMayControl(
    { by, place }: ControlRequest,
    askers: readonly (UserId | undefined)[],
  ): Promise<void> {
    const { values } = await this.#parts.ports.settings.effective(place);
    if (values.controlledBy === "asker") assertAsker(by, askers);
  }

  async #assertFree({ by, place }: ControlRequest): Promise<void> {
    await this.#parts.quotas.assertFree(place, by.speaker.id);
  }

  async #settingsIn(place: Place): Promise<AnswerSettings> {
    return await settingsIn(this.#parts.ports.settings, this.#parts.settings, { place });
  }

  /** Nothing else happens in the place meanwhile, and no reply is being written there. */
  async #whileIdle<Result>(place: Place, task: () => Promise<Result>): Promise<Result> {
    const { events, queue } = this.#parts;
    return await events.run(place.id, async () => {
      await queue.untilEnded(place.id);
      if (!queue.isRunning(place.id)) return await task();
      throw new InvalidInput({ kind: "reply-under-way" });
    });
  }

  async #requireLast({
    messageId,
    place,
    replyId,
  }: Omit<ControlRequest, "by">): Promise<LastReply> {
    const { conversations, replies } = this.#parts.ports;
    const conversation = await conversations.find(place.id);
    const last = conversation === undefined ? undefined : await replies.last(conversation.id);
    if (last === undefined) throw new InvalidInput({ kind: "reply-unknown" });
    const isMeant = messageId === undefined || messagesOf(last).includes(messageId);
    if (isMeant && (replyId === undefined || isOf(last, replyId))) return last;
    throw new InvalidInput({ kind: "reply-not-last" });
  }

  #rewrite({ by, place }: ControlRequest, rewriting: Rewriting): void {
    const { answered, parts } = rewriting.last;
    const id = answered.at(-1) ?? parts.at(-1)?.messageId;
    const asking = id === undefined ? [] : [{ id, author: by.speaker }];
    void this.#parts.ask(place, asking, rewriting);
  }

  async #removeShown(place: Place, messages: readonly MessageId[]): Promise<void> {
    const { ports } = this.#parts;
    await this.#forgetEvaluated(place);
    await ports.surface.remove(place, messages);
    await restoreControls(ports, place);
  }

  async #forgetEvaluated({ id }: Place): Promise<void> {
    await forgetTakenBack(this.#parts.ports, this.#parts.settings, id);
  }
}

/** The messages that people mean when they mean a reply. */
function messagesOf({ answered, controlsMessageId, parts }: LastReply): readonly MessageId[] {
  const shown = parts.map(({ messageId }) => messageId);
  return [...shown, ...answered, ...(controlsMessageId === undefined ? [] : [controlsMessageId])];
}

/** The controls may be on a message of the reply that shows none of its text. */
function withControls(
  messages: readonly MessageId[],
  last: LastReply | undefined,
): readonly MessageId[] {
  const { controlsMessageId } = last ?? {};
  if (controlsMessageId === undefined || messages.includes(controlsMessageId)) return messages;
  return [...messages, controlsMessageId];
}

function unknownMessage(): InvalidInput {
  return new InvalidInput({ kind: "message-unknown" });
}
