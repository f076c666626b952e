/** @import { Entry, Message } from "./types.js" */
import { Emitter } from "./emitter.js";
import { compareIds } from "./snowflake.js";

/**
 * What is known of one channel's messages, oldest first.
 * @typedef {{
 *   entries: Entry[], isLoaded: boolean, hasReachedStart: boolean,
 *   early: Map<string, Partial<Message> | "deleted">,
 * }} Book
 */

/** @param {Entry} entry @returns {entry is Message} */
export function isMessage(entry) {
  return !("local" in entry);
}

/**
 * The messages of the channels that were opened. Changes that arrive while the first page is on its way are
 * kept and applied to it, as that page may be older than they are.
 * @extends {Emitter<{
 *   reset: string, older: { channelId: string, entries: Entry[] },
 *   add: Entry, update: Entry, remove: { channelId: string, id: string },
 * }>}
 */
export class MessageStore extends Emitter {
  /** @type {Map<string, Book>} */
  #books = new Map();

  /** @param {string} channelId */
  find(channelId) {
    return this.#books.get(channelId);
  }

  /** @param {string} channelId @param {string} id */
  findEntry(channelId, id) {
    return this.#books.get(channelId)?.entries.find((entry) => entry.id === id);
  }

  /** @param {string} channelId */
  listMessages(channelId) {
    return (this.#books.get(channelId)?.entries ?? []).filter(isMessage);
  }

  /** @param {string} channelId */
  begin(channelId) {
    const book = { entries: [], isLoaded: false, hasReachedStart: false, early: new Map() };
    this.#books.set(channelId, book);
    this.emit("reset", channelId);
    return book;
  }

  /**
   * @param {Book} book
   * @param {{ channelId: string, messages: Message[], isStart: boolean }} page oldest first
   */
  fill(book, { channelId, messages, isStart }) {
    if (this.#books.get(channelId) !== book) return;
    const present = new Set(book.entries.map(({ id }) => id));
    const missing = messages.filter(({ id }) => !present.has(id));
    const current = missing.flatMap((message) => applyEarly(message, book.early.get(message.id)));
    book.entries = [...book.entries, ...current].toSorted((left, right) =>
      compareIds(left.id, right.id),
    );
    const isFirst = !book.isLoaded;
    book.isLoaded = true;
    book.hasReachedStart = isStart;
    book.early.clear();
    if (isFirst) this.emit("reset", channelId);
    else this.emit("older", { channelId, entries: current });
  }

  /** @param {Entry} entry */
  add(entry) {
    const book = this.#books.get(entry.channel_id);
    if (book === undefined) return;
    if (book.entries.some(({ id }) => id === entry.id)) return this.update(entry);
    const later = book.entries.findIndex(({ id }) => compareIds(id, entry.id) > 0);
    book.entries.splice(later === -1 ? book.entries.length : later, 0, entry);
    this.emit("add", entry);
  }

  /** @param {Partial<Entry> & { id: string, channel_id: string }} change */
  update(change) {
    const book = this.#books.get(change.channel_id);
    if (book === undefined) return;
    const index = book.entries.findIndex(({ id }) => id === change.id);
    const known = book.entries[index];
    if (known === undefined) {
      const earlier = book.early.get(change.id);
      const base = typeof earlier === "object" ? earlier : {};
      book.early.set(change.id, /** @type {Partial<Message>} */ ({ ...base, ...change }));
      return;
    }
    const updated = /** @type {Entry} */ ({ ...known, ...change });
    book.entries[index] = updated;
    this.emit("update", updated);
  }

  /** @param {string} channelId @param {readonly string[]} ids */
  remove(channelId, ids) {
    const book = this.#books.get(channelId);
    if (book === undefined) return;
    for (const id of ids) {
      book.early.set(id, "deleted");
      const index = book.entries.findIndex((entry) => entry.id === id);
      if (index === -1) continue;
      book.entries.splice(index, 1);
      this.emit("remove", { channelId, id });
    }
  }

  /** @param {string} channelId */
  forget(channelId) {
    this.#books.delete(channelId);
  }

  /** After missed events, what is known may be stale. */
  forgetAll() {
    this.#books.clear();
  }
}

/**
 * @param {Message} message
 * @param {Partial<Message> | "deleted" | undefined} early
 * @returns {Message[]}
 */
function applyEarly(message, early) {
  if (early === "deleted") return [];
  return [early === undefined ? message : { ...message, ...early }];
}
