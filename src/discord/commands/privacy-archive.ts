import type { Buffer } from "node:buffer";
import { InvalidInput } from "../../chat/problem.ts";
import type { Note } from "../../chat/memory/note.ts";
import type { Held, OwnText, OwnWords } from "../../chat/privacy/privacy-store.ts";
import type { OwnData } from "../../chat/privacy/privacy.ts";
import type { Place } from "../../chat/place.ts";
import { toOneLine } from "../../chat/prompt/marks.ts";
import { privacyTexts as texts } from "../texts/privacy.ts";
import type { Language } from "../texts/text.ts";
import { writeZip } from "../write-zip.ts";
import { toLines, toName } from "./privacy-show.ts";

/** Each is sent with a message of its own. */
const MAX_FILES = 10;

export interface ArchiveFacts {
  readonly name: string;
  readonly userId: string;
  readonly at: Date;
  readonly language: Language;
  readonly nameOf: (guildId: string) => string | undefined;
  /** Of a channel or thread; undefined where it cannot be seen any more. */
  readonly placeNameOf: (placeId: string) => string | undefined;
}

/**
 * All that is someone's, as archives of at most so many bytes each.
 *
 * @throws {InvalidInput} where these would be too many
 */
export async function writeArchives(
  data: OwnData,
  facts: ArchiveFacts,
  maxBytes: number,
): Promise<readonly Buffer[]> {
  for (let count = 1; count <= MAX_FILES; count += 1) {
    const archives: Buffer[] = [];
    for (const part of split(data, count)) {
      archives.push(await writeArchive(part, facts));
      if ((archives.at(-1)?.length ?? 0) > maxBytes) break;
    }
    if (archives.every(({ length }) => length <= maxBytes)) return archives;
  }
  throw new InvalidInput({ kind: "export-too-large" });
}

/** What is not words comes with the first. */
function split(data: OwnData, count: number): readonly OwnData[] {
  return Array.from({ length: count }, (_, index) => {
    const cut = (all: readonly OwnWords[]): readonly OwnWords[] =>
      all.slice(
        Math.floor((all.length * index) / count),
        Math.floor((all.length * (index + 1)) / count),
      );
    const words = { ...data, words: cut(data.words), replies: cut(data.replies) };
    return index === 0 ? words : { ...words, notes: [], proposals: [], texts: [], held: [] };
  });
}

async function writeArchive(data: OwnData, facts: ArchiveFacts): Promise<Buffer> {
  const files = [
    { name: "familiar.json", text: toJson(data, facts) },
    { name: "familiar.md", text: toMarkdown(data, facts) },
  ];
  return await writeZip(files, facts.at);
}

function toJson(data: OwnData, facts: ArchiveFacts): string {
  const { at, name, userId } = facts;
  const toWords = ({ place, saidAt, text }: OwnWords) => ({
    ...toWhere(place, facts),
    saidAt,
    text,
  });
  const exported = {
    exportedAt: at,
    userId,
    name,
    hasOptedOut: data.hasOptedOut,
    numbers: data.held.map(({ guildId, ...amounts }) => ({ serverId: guildId, ...amounts })),
    words: data.words.map(toWords),
    replies: data.replies.map(toWords),
    notes: data.notes.map(({ about, author, guildId, placeId, text, writtenAt }) => ({
      serverId: guildId,
      placeId,
      aboutId: about,
      author,
      writtenAt,
      text,
    })),
    proposals: data.proposals.map(toWords),
    texts: data.texts.map(({ guildId, ...text }) => ({ serverId: guildId, ...text })),
  };
  return `${JSON.stringify(exported, undefined, 2)}\n`;
}

function toWhere(place: Place, { nameOf, placeNameOf }: ArchiveFacts) {
  const named = { placeId: place.id, placeName: placeNameOf(place.id), kind: place.kind };
  if (place.kind === "direct") return named;
  return { serverId: place.guildId, serverName: nameOf(place.guildId), ...named };
}

function toMarkdown(data: OwnData, facts: ArchiveFacts): string {
  const { language, name } = facts;
  return [
    `# ${texts.heading(name)[language]}`,
    ...toSection(
      texts.numbers[language],
      data.held.map((held) => toNumbers(held, facts)),
    ),
    ...toSection(texts.ownWords[language], toPlaces(data.words, facts)),
    ...toSection(texts.askedReplies[language], toPlaces(data.replies, facts)),
    ...toSection(texts.notes[language], data.notes.map(toNoteLine)),
    ...toSection(texts.proposals[language], toPlaces(data.proposals, facts)),
    ...toSection(
      texts.ownTexts[language],
      data.texts.map((text) => toOwnText(text, facts)),
    ),
    "",
  ].join("\n\n");
}

function toSection(title: string, parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : [`## ${title}`, ...parts];
}

function toNumbers(held: Held, facts: ArchiveFacts): string {
  return `**${toName(held, facts)}**\n\n${toLines(held, facts.language)}`;
}

/** Under the name of each place, in the order in which they come. */
function toPlaces(words: readonly OwnWords[], facts: ArchiveFacts): string[] {
  let lastId: string | undefined;
  return words.map(({ place, saidAt, text }) => {
    const heading = place.id === lastId ? "" : `### ${toHeading(place, facts)}\n\n`;
    lastId = place.id;
    return `${heading}**${saidAt.toISOString()}**\n\n${toQuote(text)}`;
  });
}

function toHeading(place: Place, { language, nameOf, placeNameOf }: ArchiveFacts): string {
  const where = { guildId: place.kind === "direct" ? undefined : place.guildId };
  const server = toName(where, { language, nameOf });
  return place.kind === "direct" ? server : `${server}, ${placeNameOf(place.id) ?? place.id}`;
}

function toNoteLine({ author, text, writtenAt }: Note): string {
  return `**${writtenAt.toISOString()}**, ${author.name}\n\n${toQuote(text)}`;
}

function toOwnText({ guildId, kind, of, text, writtenAt }: OwnText, facts: ArchiveFacts): string {
  const name = kind === "persona" ? toOneLine(of) : (facts.placeNameOf(of) ?? of);
  const where = `${toName({ guildId }, facts)}, ${name}`;
  return `**${writtenAt.toISOString()}**, ${where}\n\n${toQuote(text)}`;
}

/** Nothing in it can be taken for a heading of the export itself. */
function toQuote(text: string): string {
  return text.replaceAll(/^/gm, "> ");
}
