/** @import { Channel, Person, Role, Session, User } from "./types.js" */
import { Emitter } from "./emitter.js";
import { MessageStore } from "./message-store.js";
import { compareIds } from "./snowflake.js";

const typingMs = 10_000;
const directMessage = 1;
const textTypes = new Set([0, 5]);
const threadTypes = new Set([10, 11, 12]);

/** @param {Channel | undefined} channel */
export function isThread(channel) {
  return channel !== undefined && threadTypes.has(channel.type);
}

/** @param {Channel | undefined} channel */
export function isDirectMessage(channel) {
  return channel?.type === directMessage;
}

/** @param {User} user */
export function toDisplayName(user) {
  return user.global_name ?? user.username;
}

/**
 * All that the page knows. What changes it says so by an event; what shows it listens.
 * @extends {Emitter<{ channels: void, current: void, commands: void, people: void, typing: string }>}
 */
export class State extends Emitter {
  messages = new MessageStore();
  /** @type {Map<string, User>} */ users = new Map();
  /** @type {Map<string, Channel>} */ channels = new Map();
  /** @type {Map<string, Role>} */ roles = new Map();
  /** @type {Set<string>} channels with messages that were not seen */ unread = new Set();
  /** @type {Map<string, Map<string, ReturnType<typeof setTimeout>>>} by channel, then user */
  #typing = new Map();
  #currentChannelId = "";

  /** @param {Session} session @param {Person} me */
  constructor(session, me) {
    super();
    this.session = session;
    this.me = me;
    for (const channel of session.channels) this.channels.set(channel.id, channel);
  }

  get currentChannelId() {
    return this.#currentChannelId;
  }

  get currentChannel() {
    return this.channels.get(this.#currentChannelId);
  }

  get bot() {
    return this.users.get(this.session.botUserId);
  }

  /** @param {string} channelId */
  select(channelId) {
    this.#currentChannelId = channelId;
    this.unread.delete(channelId);
    this.emit("current", undefined);
    this.emit("channels", undefined);
  }

  /** @param {Channel} channel Fields it does not have keep their value. */
  addChannel(channel) {
    this.channels.set(channel.id, { ...this.channels.get(channel.id), ...channel });
    for (const user of channel.recipients ?? []) this.addUser(user);
    this.emit("channels", undefined);
    if (channel.id === this.#currentChannelId) this.emit("current", undefined);
  }

  /** @param {string} channelId */
  removeChannel(channelId) {
    this.channels.delete(channelId);
    this.messages.forget(channelId);
    for (const thread of this.listThreads(channelId)) this.channels.delete(thread.id);
    this.emit("channels", undefined);
  }

  /** @param {User} user */
  addUser(user) {
    if (this.users.get(user.id)?.username === user.username) return;
    this.users.set(user.id, user);
    this.emit("people", undefined);
  }

  /** @param {string} channelId */
  markUnread(channelId) {
    if (channelId === this.#currentChannelId) return;
    this.unread.add(channelId);
    this.emit("channels", undefined);
  }

  listTextChannels() {
    const channels = [...this.channels.values()].filter(({ type }) => textTypes.has(type));
    return channels.toSorted((left, right) => (left.position ?? 0) - (right.position ?? 0));
  }

  /** @param {string} parentId Newest first; archived ones only while they are open here. */
  listThreads(parentId) {
    const threads = [...this.channels.values()].filter(
      (channel) => isThread(channel) && channel.parent_id === parentId,
    );
    return threads
      .filter(({ id, thread_metadata: metadata }) => !metadata?.archived || this.#isOpen(id))
      .toSorted((left, right) => compareIds(right.id, left.id));
  }

  listDirectMessages() {
    return [...this.channels.values()].filter(isDirectMessage);
  }

  /** @param {string} channelId @param {string} userId */
  startTyping(channelId, userId) {
    if (userId === this.me.id) return;
    const typists = this.#typing.get(channelId) ?? new Map();
    this.#typing.set(channelId, typists);
    clearTimeout(typists.get(userId));
    typists.set(
      userId,
      setTimeout(() => this.stopTyping(channelId, userId), typingMs),
    );
    this.emit("typing", channelId);
  }

  /** @param {string} channelId @param {string} userId */
  stopTyping(channelId, userId) {
    const typists = this.#typing.get(channelId);
    clearTimeout(typists?.get(userId));
    if (typists?.delete(userId)) this.emit("typing", channelId);
  }

  /** @param {string} channelId */
  listTypists(channelId) {
    return [...(this.#typing.get(channelId)?.keys() ?? [])].map((id) => this.nameUser(id));
  }

  /** @param {string} userId */
  nameUser(userId) {
    const user = this.users.get(userId);
    return user === undefined ? "unknown" : toDisplayName(user);
  }

  /** @param {User} user What one types behind "@": the shown name, where it is theirs alone. */
  nameMention(user) {
    const name = toDisplayName(user);
    const others = [...this.users.values()].filter(({ id }) => id !== user.id);
    const isShared = others.some((other) => toDisplayName(other) === name);
    return `@${isShared ? user.username : name}`;
  }

  /** @param {Channel | undefined} channel */
  nameChannel(channel) {
    if (channel === undefined) return "unknown";
    if (!isDirectMessage(channel)) return channel.name ?? "unnamed";
    const other = channel.recipients?.find(({ id }) => id !== this.me.id);
    return other === undefined ? "direct messages" : toDisplayName(other);
  }

  /** @param {string} channelId */
  #isOpen(channelId) {
    return channelId === this.#currentChannelId;
  }
}
