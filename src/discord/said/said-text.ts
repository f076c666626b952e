import type { APIAttachment, APIEmbed, APIMessage, APIMessageSnapshot } from "discord.js";
import { EmbedType } from "discord.js";
import { keepWordsApart, toMark, toMarkedText } from "../../chat/prompt/marks.ts";
import { describeFile, describeSize, isTextFile } from "./file-kind.ts";
import { toReadableText } from "./readable-text.ts";
import type { Names } from "./readable-text.ts";
import { MAX_FILES_READ, readFiles } from "./read-files.ts";
import type { FileText } from "./read-files.ts";

/** What a message says. Updates bring only what has changed. */
export interface SpokenPayload extends Partial<
  Pick<APIMessage, "attachments" | "embeds" | "flags" | "mentions" | "poll" | "sticker_items">
> {
  readonly content: string;
  readonly message_snapshots?: readonly APIMessageSnapshot[];
}

export interface SaidText {
  /** The words, with a line for each thing that is not words. */
  readonly text: string;
  /** The same, with what is in the text files; undefined where there are none. */
  readonly readFiles: (() => Promise<string>) | undefined;
}

/** Undefined while nothing was read. */
type FileTexts = ReadonlyMap<string, FileText> | undefined;

/** @param namesOf whom the ids in a message name; forwarded ones have their own mentions */
export function toSaidText(
  message: SpokenPayload,
  namesOf: (message: SpokenPayload) => Names,
): SaidText {
  const render = (texts: FileTexts): string => renderMessage(message, { namesOf, texts });
  const files = listFiles(message).filter(isTextFile).slice(0, MAX_FILES_READ);
  let whole: Promise<string> | undefined;
  const readWhole = async (): Promise<string> => {
    const texts = await readFiles(files);
    const asked = new Map(files.map(({ id }) => [id, texts.get(id) ?? UNREADABLE]));
    return render(asked);
  };
  return {
    text: render(undefined),
    readFiles: files.length === 0 ? undefined : () => (whole ??= readWhole()),
  };
}

/** In characters. */
const MAX_EMBED_LENGTH = 300;

const UNREADABLE: FileText = { text: "", cutAt: 0 };

function listFiles(message: SpokenPayload): readonly APIAttachment[] {
  const forwarded = (message.message_snapshots ?? []).flatMap((one) => one.message.attachments);
  return [...(message.attachments ?? []), ...forwarded];
}

interface Rendering {
  readonly namesOf: (message: SpokenPayload) => Names;
  readonly texts: FileTexts;
}

function renderMessage(message: SpokenPayload, rendering: Rendering): string {
  const { attachments = [], embeds = [], flags = 0, message_snapshots: forwarded = [] } = message;
  const words = toReadableText(message.content, rendering.namesOf(message));
  return [
    keepWordsApart(words),
    ...forwarded.map((one) => renderForwarded(one, rendering)),
    ...attachments.map((file) => renderFile(file, flags, rendering.texts)),
    ...(message.sticker_items ?? []).map(({ name }) => toMark("sticker", name)),
    ...renderPoll(message),
    ...embeds.flatMap(renderEmbed),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function renderForwarded({ message }: APIMessageSnapshot, rendering: Rendering): string {
  const text = renderMessage(message, rendering);
  return text === ""
    ? toMark("forwarded message")
    : toMarkedText(toMark("forwarded message"), text);
}

function renderFile(file: APIAttachment, flags: number, texts: FileTexts): string {
  const read = texts?.get(file.id);
  if (read === undefined) return describeFile(file, flags);
  if (read === UNREADABLE) return toMark("attachment", file.filename, "could not be read");
  const cut = read.cutAt === undefined ? [] : [`the first ${describeSize(read.cutAt)} of it`];
  return toMarkedText(describeFile(file, flags, ...cut), read.text.trimEnd());
}

function renderPoll({ poll }: SpokenPayload): readonly string[] {
  if (poll === undefined) return [];
  const answers = poll.answers.map(({ poll_media: { text } }) => text ?? "").join("; ");
  return [toMark("poll", `${poll.question.text ?? ""} — ${answers}`)];
}

/** What bots and webhooks write. The preview of a link says no more than the link, and comes later. */
function renderEmbed({
  description = "",
  fields = [],
  title = "",
  type,
}: APIEmbed): readonly string[] {
  if (type !== undefined && type !== EmbedType.Rich) return [];
  const lines = fields.map(({ name, value }) => `${name}: ${value}`);
  const told = [title, description, ...lines].filter((line) => line !== "").join(" — ");
  return told === "" ? [] : [toMark("embed", shorten(told))];
}

function shorten(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= MAX_EMBED_LENGTH) return text;
  return `${characters.slice(0, MAX_EMBED_LENGTH).join("").trim()}…`;
}
