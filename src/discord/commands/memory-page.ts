import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  EmbedBuilder,
  escapeMarkdown,
  TimestampStyles,
  time,
} from "discord.js";
import type { APIActionRowComponent, APIComponentInMessageActionRow, APIEmbed } from "discord.js";
import type { Note } from "../../chat/memory/note.ts";
import { memoryTexts as texts } from "../texts/notes.ts";
import type { Language, Text } from "../texts/text.ts";

/** So many, each as long as it may be, fit into the description of one embed: 4,096 characters. */
const PAGE = 5;
const MAX_QUOTE_LENGTH = 650;

/** So that the id of a button, which holds the words, has at most 100 characters. */
export const MAX_SEARCH_LENGTH = 60;

/** Which notes are shown, and how far in. */
export interface MemoryView {
  /** Undefined: all of them. */
  readonly words: string | undefined;
  /** 0 for the first. */
  readonly page: number;
}

interface MemoryPage {
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIActionRowComponent<APIComponentInMessageActionRow>[];
}

const ID = /^memory:page:(\d{1,4}):(.*)$/s;

/** All that a button needs to know, so that it works after a restart. */
function toMemoryId({ page, words = "" }: MemoryView): string {
  return `memory:page:${page}:${words}`;
}

/** Undefined for what turns no page. */
export function parseMemoryId(customId: string): MemoryView | undefined {
  const [, page, words] = ID.exec(customId) ?? [];
  if (page === undefined) return undefined;
  return { page: Number(page), words: words === "" ? undefined : words };
}

/** Those of the notes that have all the words, in any order and case. */
export function searchNotes(notes: readonly Note[], words: string | undefined): readonly Note[] {
  const sought = fold(words ?? "").split(/\s+/u);
  return notes.filter(({ text }) => sought.every((word) => fold(text).includes(word)));
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().trim();
}

/** The last page where there are fewer by now. */
export function renderMemory(
  all: readonly Note[],
  { page: wanted, words }: MemoryView,
  language: Language,
): MemoryPage {
  const notes = searchNotes(all, words);
  const shownWords = escapeMarkdown(words ?? "");
  if (notes.length === 0) {
    const nothing = words === undefined ? texts.nothing : texts.nothingFound(shownWords);
    return { content: nothing[language], embeds: [], components: [] };
  }
  const pages = Math.ceil(notes.length / PAGE);
  const page = Math.min(wanted, pages - 1);
  const shown = notes.slice(page * PAGE, (page + 1) * PAGE);
  const title = words === undefined ? texts.title : texts.found(words);
  const embed = new EmbedBuilder()
    .setTitle(title[language])
    .setDescription(shown.map((note) => toEntry(note, language)).join("\n\n"))
    .setFooter({ text: texts.page(page + 1, pages, notes.length)[language] });
  return {
    content: "",
    embeds: [embed.toJSON()],
    components: pages === 1 ? [] : [toButtons({ page, words }, pages)],
  };
}

function toEntry(note: Note, language: Language): string {
  const when = time(note.writtenAt, TimestampStyles.RelativeTime);
  const about = toAbout(note)[language];
  const written = texts.writtenBy(`<@${note.author.id}>`, when)[language];
  return `${quote(note.text)}\n-# ${about} · ${written}`;
}

function toAbout({ about, kind, persona }: Note): Text {
  if (kind !== "person") return texts.about[kind];
  const who = `<@${about ?? ""}>`;
  return persona === undefined ? texts.aboutPerson(who) : texts.aboutPersonForOne(who);
}

/** As it is written, but on one line; cut only where it is made of little but markup. */
export function quote(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ");
  const whole = escapeMarkdown(line);
  if (whole.length <= MAX_QUOTE_LENGTH) return whole;
  return `${escapeMarkdown(line.slice(0, MAX_QUOTE_LENGTH / 2 - 1))}…`;
}

function toButtons({ page, words }: MemoryView, pages: number) {
  const turn = (label: string, to: number): ButtonBuilder =>
    new ButtonBuilder()
      .setCustomId(toMemoryId({ page: Math.max(0, to), words }))
      .setLabel(label)
      .setStyle(ButtonStyle.Secondary)
      .setDisabled(to < 0 || to >= pages);
  return new ActionRowBuilder<ButtonBuilder>()
    .addComponents(turn("◀", page - 1), turn("▶", page + 1))
    .toJSON();
}
