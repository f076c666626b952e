import { randomBytes } from "node:crypto";
import { RESTEvents } from "discord.js";
import type { ReplyPart, UnfinishedReply } from "../../chat/conversation.ts";
import type { MessageId } from "../../chat/ids.ts";
import type { Apology } from "../../chat/reply/apology.ts";
import { INTERRUPTED_NOTICE } from "../../chat/reply/notice.ts";
import type { Place } from "../../chat/place.ts";
import type {
  ReplyControls,
  ReplySurface,
  ReplyViewRequest,
  RewrittenReply,
  SavePart,
} from "../../chat/reply-surface.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import { toApologyText } from "../texts/notices.ts";
import type { LanguageOf } from "../texts/place-languages.ts";
import { createVoices } from "../webhooks/create-voices.ts";
import type { VoiceSettings } from "../webhooks/create-voices.ts";
import { limitedBy } from "../webhooks/webhook.ts";
import { ChannelPace } from "./channel-pace.ts";
import { MessageRequests, type ReplyClient } from "./message-requests.ts";
import { isSmallPrint } from "./message-layout.ts";
import { RecentSet } from "./recent-set.ts";
import type { ShownMessage } from "./posted-messages.ts";
import { removeMessage } from "./remove-message.ts";
import { ReplyMessages, type ReplyResources } from "./reply-messages.ts";
import { type Schedule, scheduleTimer } from "./schedule.ts";
import { ReplySplitter } from "./split-reply.ts";
import { TypingSign } from "./typing-sign.ts";

interface ReplySurfaceOptions extends VoiceSettings {
  readonly client: ReplyClient;
  readonly schedule?: Schedule;
  /** Default: English. */
  readonly languageOf?: LanguageOf;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly wallClock?: () => number;
  /** At most 25 characters, and never the same twice. Default: random ones. */
  readonly createNonce?: () => string;
}

const MESSAGES_REMEMBERED = 2000;
const NONCE_BYTES = 12;

export function createReplySurface(options: ReplySurfaceOptions): ReplySurface {
  const resources = createResources(options);
  return {
    open: (request) => openView(resources, request),
    markInterrupted: (reply, savePart) => markInterrupted(resources, reply, savePart),
    clearWaiting: (place, after) => clearWaiting(resources, place, after),
    showControls: (place, messageId, controls) =>
      void showControls(resources, { place, messageId, controls }),
    remove: (place, messageIds) => removeMessages(resources, place, messageIds),
    apologise: (place, apology) => apologise(resources, place, apology),
  };
}

function createResources(options: ReplySurfaceOptions): ReplyResources {
  const { client, clock, log, ...settings } = options;
  const schedule = settings.schedule ?? scheduleTimer;
  const languageOf = settings.languageOf ?? (() => "en");
  const pace = new ChannelPace(clock, schedule);
  client.rest.on(RESTEvents.Response, ({ method, path }, { status, headers }) =>
    pace.observe({ method, path, status, headers }),
  );
  client.rest.on(RESTEvents.RateLimited, (held) => pace.observeHeld(held));
  return {
    ...createVoices(options),
    requests: new MessageRequests(client, languageOf),
    pace,
    schedule,
    languageOf,
    log,
    wallClock: settings.wallClock ?? Date.now,
    createNonce: settings.createNonce ?? (() => randomBytes(NONCE_BYTES).toString("hex")),
    taken: new RecentSet<MessageId>(MESSAGES_REMEMBERED),
  };
}

function openView(resources: ReplyResources, request: ReplyViewRequest): ReplyMessages {
  const { place, rewrites, savePart, saveControls, showsTyping } = request;
  const typing =
    showsTyping === false
      ? undefined
      : new TypingSign(resources.requests, place.id, resources.schedule);
  return new ReplyMessages(resources, {
    place,
    answering: request.answering,
    savePart,
    saveControls,
    dropPart: rewrites?.dropPart,
    stopTyping: async () => typing?.stop(),
    rewrites: rewrites?.text,
    shown: rewrites === undefined ? [] : toShownMessages(rewrites),
  });
}

/** What stands under the text, in the last message, is not known. */
function toShownMessages(rewritten: RewrittenReply): readonly ShownMessage[] {
  const { lastMessageId } = rewritten;
  const shown = findShown(rewritten);
  const textual = shown.map(({ id, content }, at) =>
    at === shown.length - 1 ? { id, content: undefined } : { id, content },
  );
  return lastMessageId === undefined
    ? textual
    : [...textual, { id: lastMessageId, content: undefined }];
}

interface ChangedControls {
  readonly place: Place;
  readonly messageId: MessageId;
  readonly controls: ReplyControls | undefined;
}

/** Never rejects. */
async function showControls(
  { log, origins, pace, requests }: ReplyResources,
  { controls, messageId: id, place }: ChangedControls,
): Promise<void> {
  const origin = await origins.find(place, id);
  const change = { method: "PATCH", limitedBy: limitedBy(origin, place), urgency: "next" } as const;
  try {
    using _turn = await pace.take(change, new AbortController().signal);
    await requests.changeControls({ place, id, origin }, controls ?? "none");
  } catch (error) {
    log.info({ channelId: place.id, ...decideRestFailure(error) }, "Buttons could not be changed");
  }
}

async function removeMessages(
  resources: ReplyResources,
  place: Place,
  messageIds: readonly MessageId[],
): Promise<void> {
  for (const messageId of messageIds) {
    try {
      await removeMessage(resources, place, messageId);
    } catch (error) {
      const failure = decideRestFailure(error);
      const facts = { channelId: place.id, ...failure };
      if (failure.kind !== "gone") resources.log.warn(facts, "A message stays");
    }
  }
}

async function markInterrupted(
  resources: ReplyResources,
  reply: UnfinishedReply,
  savePart: SavePart,
): Promise<void> {
  const shown = reply.parts.length === 0 ? await findLost(resources, reply) : findShown(reply);
  const { place } = reply;
  const messages = new ReplyMessages(resources, { ...silently, place, savePart, shown });
  await messages.finish({ text: reply.text, notice: INTERRUPTED_NOTICE, thoughts: undefined });
}

/** The crash may have come before the first part: a message shows that the reply waits, or its text. */
async function findLost(
  { requests, taken }: ReplyResources,
  { lastMessageId, place, text }: UnfinishedReply,
): Promise<readonly ShownMessage[]> {
  const known = BigInt(lastMessageId ?? 0);
  const own = await requests.listOwn(place.id).catch(() => []);
  const lost = own.find(({ content, id }) => {
    return BigInt(id) > known && !taken.has(id) && mayBeginWith(text, content);
  });
  return lost === undefined ? [] : [{ id: lost.id, content: lost.content }];
}

function mayBeginWith(text: string, content: string): boolean {
  if (isSmallPrint(content)) return true;
  return text.trim() !== "" && (text.startsWith(content) || content.startsWith(text.trim()));
}

/** Whatever stands alone in small print was said of a reply that never began. */
async function clearWaiting(
  resources: ReplyResources,
  place: Place,
  after: MessageId | undefined,
): Promise<void> {
  const { log, requests, taken } = resources;
  const known = BigInt(after ?? 0);
  try {
    for (const { content, id } of await requests.listOwn(place.id)) {
      const isLeft = BigInt(id) > known && !taken.has(id) && isSmallPrint(content);
      if (isLeft) await removeMessage(resources, place, id);
    }
  } catch (error) {
    log.warn({ error, placeId: place.id }, "A message of a reply that waited could not be deleted");
  }
}

async function apologise(resources: ReplyResources, place: Place, apology: Apology): Promise<void> {
  const target = { ...silently, place, shown: [], isByBot: true };
  const text = toApologyText(apology)[resources.languageOf(place)];
  const ending = { text, notice: undefined, thoughts: undefined };
  await new ReplyMessages(resources, target).finish(ending);
}

const silently = {
  answering: undefined,
  saveControls: undefined,
  dropPart: undefined,
  rewrites: undefined,
  savePart: async () => {},
  stopTyping: async () => {},
};

/** A part is saved after its message, so one that is the same today shows what it would today. */
function findShown({
  parts,
  text,
}: Pick<UnfinishedReply, "parts" | "text">): readonly ShownMessage[] {
  const today = new ReplySplitter().splitWhole(text);
  return parts
    .toSorted((one, other) => one.index - other.index)
    .map((part: ReplyPart, at) => {
      const same = today[at];
      const isSame = same?.start === part.start && same.end === part.end;
      return { id: part.messageId, content: isSame ? same.content : undefined };
    });
}
