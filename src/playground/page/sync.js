/** @import { Channel, Message } from "./types.js" */
/** @import { Rest } from "./rest.js" */
/** @import { State } from "./state.js" */
import { isByWebhook } from "./author-view.js";
import { RestError } from "./rest.js";
import { compareIds } from "./snowflake.js";

export const pageSize = 50;

/**
 * Brings gateway events into the state. Unknown events are passed over.
 * @param {State} state
 * @returns {(type: string, data: any) => void}
 */
export function createEventReader(state) {
  /** @type {Record<string, (data: any) => void>} */
  const readers = {
    MESSAGE_CREATE: (message) => receiveMessage(state, message),
    MESSAGE_UPDATE: (message) => state.messages.update(message),
    MESSAGE_DELETE: ({ channel_id: channelId, id }) => state.messages.remove(channelId, [id]),
    MESSAGE_DELETE_BULK: ({ channel_id: channelId, ids }) => state.messages.remove(channelId, ids),
    CHANNEL_CREATE: (channel) => state.addChannel(channel),
    CHANNEL_UPDATE: (channel) => state.addChannel(channel),
    CHANNEL_DELETE: ({ id }) => state.removeChannel(id),
    THREAD_CREATE: (thread) => state.addChannel(thread),
    THREAD_UPDATE: (thread) => state.addChannel(thread),
    THREAD_DELETE: ({ id }) => state.removeChannel(id),
    THREAD_LIST_SYNC: ({ threads }) => {
      for (const thread of threads) state.addChannel(thread);
    },
    GUILD_CREATE: (guild) => {
      if (guild.id !== state.session.guildId) return;
      for (const role of guild.roles ?? []) state.roles.set(role.id, role);
      for (const channel of guild.channels ?? []) state.addChannel(channel);
      for (const thread of guild.threads ?? []) state.addChannel(thread);
      for (const { user } of guild.members ?? []) state.addUser(user);
    },
    GUILD_ROLE_CREATE: ({ role }) => state.roles.set(role.id, role),
    GUILD_ROLE_UPDATE: ({ role }) => state.roles.set(role.id, role),
    GUILD_ROLE_DELETE: ({ role_id: id }) => state.roles.delete(id),
    GUILD_MEMBER_ADD: ({ user }) => state.addUser(user),
    TYPING_START: ({ channel_id: channelId, user_id: userId }) =>
      state.startTyping(channelId, userId),
  };
  return (type, data) => readers[type]?.(data);
}

/** @param {State} state @param {Message} message */
function receiveMessage(state, message) {
  if (!isByWebhook(message)) state.addUser(message.author);
  state.stopTyping(message.channel_id, message.author.id);
  state.messages.add(message);
  if (message.author.id !== state.me.id) state.markUnread(message.channel_id);
}

/**
 * What the server's people, channels, threads and direct messages are now. What one of the questions is
 * refused, the others still bring.
 * @param {State} state
 * @param {Rest} rest
 */
export async function loadWorld(state, rest) {
  const { guildId, botUserId } = state.session;
  const answers = await Promise.allSettled([
    rest.get(`/guilds/${guildId}/members?limit=1000`),
    rest.get(`/guilds/${guildId}/channels`),
    rest.get(`/guilds/${guildId}/threads/active`),
    rest.post("/users/@me/channels", {
      body: { recipient_id: botUserId, recipients: [botUserId] },
    }),
    rest.get(`/users/${botUserId}`),
    rest.get(`/guilds/${guildId}/roles`),
  ]);
  const [members, channels, threads, directMessage, bot, roles] = answers.map((answer) =>
    answer.status === "fulfilled" ? answer.value : undefined,
  );
  for (const { user } of members ?? []) state.addUser(user);
  if (bot !== undefined) state.addUser(bot);
  for (const role of roles ?? []) state.roles.set(role.id, role);
  for (const channel of channels ?? []) state.addChannel(channel);
  for (const thread of threads?.threads ?? []) state.addChannel(thread);
  if (directMessage !== undefined) state.addChannel(directMessage);
}

/**
 * The newest page of a channel that was not loaded yet.
 * @param {State} state
 * @param {Rest} rest
 * @param {string} channelId
 */
export async function loadMessages(state, rest, channelId) {
  if (state.messages.find(channelId) !== undefined) return;
  const book = state.messages.begin(channelId);
  try {
    const messages = await fetchPage(rest, channelId, `limit=${pageSize}`);
    state.messages.fill(book, { channelId, messages, isStart: messages.length < pageSize });
  } catch (error) {
    if (state.messages.find(channelId) === book) state.messages.forget(channelId);
    throw error;
  }
}

/**
 * @param {State} state
 * @param {Rest} rest
 * @param {string} channelId
 */
export async function loadOlderMessages(state, rest, channelId) {
  const book = state.messages.find(channelId);
  const oldest = state.messages.listMessages(channelId)[0];
  if (book === undefined || book.hasReachedStart || oldest === undefined) return;
  const messages = await fetchPage(rest, channelId, `limit=${pageSize}&before=${oldest.id}`);
  state.messages.fill(book, { channelId, messages, isStart: messages.length < pageSize });
}

/** @param {Rest} rest @param {string} channelId @param {string} query @returns {Promise<Message[]>} */
async function fetchPage(rest, channelId, query) {
  const messages = await rest.get(`/channels/${channelId}/messages?${query}`);
  return messages.toSorted((/** @type {Message} */ left, /** @type {Message} */ right) =>
    compareIds(left.id, right.id),
  );
}

/**
 * A channel by its id, asked for where it is not known: an archived thread, for example.
 * @param {State} state
 * @param {Rest} rest
 * @param {string} channelId
 * @returns {Promise<Channel | undefined>} undefined where the server knows none
 */
export async function findChannel(state, rest, channelId) {
  const known = state.channels.get(channelId);
  if (known !== undefined) return known;
  try {
    state.addChannel(await rest.get(`/channels/${channelId}`));
  } catch (error) {
    if (error instanceof RestError && error.status !== 0) return undefined;
    throw error;
  }
  return state.channels.get(channelId);
}
