/** @import { Interactions } from "./interactions.js" */
/** @import { Runnable } from "./commands.js" */
/** @import { Rest } from "./rest.js" */
/** @import { State } from "./state.js" */
/** @import { Command, Component, Message } from "./types.js" */
import { toCommandData } from "./commands.js";
import { interactionType, noAnswer } from "./interactions.js";
import { toWireText } from "./mentions.js";
import { toErrorText } from "./notices.js";
import { createNonce } from "./snowflake.js";

const publicThread = 11;
const archiveMinutes = 1440;

/**
 * What a person can do. Each throws what the server refused, in words to show.
 * @typedef {ReturnType<typeof createActions>} Actions
 * @typedef {{ channelId: string, draft: string, files: readonly File[], replyTo: Message | undefined }} Outgoing
 */

/**
 * @param {{ state: State, rest: Rest, interactions: Interactions }} dependencies
 */
export function createActions({ state, rest, interactions }) {
  /** @type {Promise<unknown>} */
  let lastSent = Promise.resolve();

  /** @param {Outgoing} outgoing */
  async function postMessage({ channelId, draft, files, replyTo }) {
    const body = {
      content: toWireText(draft, state),
      nonce: createNonce(),
      message_reference: replyTo && { message_id: replyTo.id, channel_id: channelId },
      attachments: files.map(({ name }, index) => ({ id: String(index), filename: name })),
    };
    const message = await rest.post(`/channels/${channelId}/messages`, { body, files });
    state.messages.add(message);
  }

  /**
   * Shows the command as a line of its own until the application answers.
   * @param {string} label
   * @param {{ type: number, data: Record<string, unknown> }} request
   * @param {readonly File[]} [files]
   */
  async function runVisibly(label, request, files = []) {
    const nonce = createNonce();
    const channelId = state.currentChannelId;
    const entry = { id: nonce, local: /** @type {const} */ (true), channel_id: channelId, label };
    state.messages.add(entry);
    const outcome = await interactions
      .submit({ ...request, channelId }, { nonce, files })
      .catch(toErrorText);
    if (outcome === "done") state.messages.remove(channelId, [nonce]);
    else state.messages.update({ ...entry, failure: outcome === "failed" ? noAnswer : outcome });
  }

  return {
    /** @param {Outgoing} outgoing In the order of the calls, one after the other. */
    sendMessage(outgoing) {
      const sent = lastSent.then(() => postMessage(outgoing));
      lastSent = sent.catch(() => undefined);
      return sent;
    },

    /** @param {Message} message @param {string} draft */
    async editMessage({ id, channel_id: channelId }, draft) {
      const body = { content: toWireText(draft, state) };
      state.messages.update(await rest.patch(`/channels/${channelId}/messages/${id}`, { body }));
    },

    /** @param {Message} message */
    async deleteMessage({ id, channel_id: channelId }) {
      await rest.remove(`/channels/${channelId}/messages/${id}`);
      state.messages.remove(channelId, [id]);
    },

    /** @param {Message} message Only its one reader sees it: there is nothing to delete elsewhere. */
    dismiss({ id, channel_id: channelId }) {
      state.messages.remove(channelId, [id]);
    },

    /** @param {{ channelId: string, name: string, message?: Message | undefined }} thread @returns {Promise<string>} its id */
    async openThread({ channelId, name, message }) {
      const path = message ? `/messages/${message.id}/threads` : "/threads";
      const type = message ? {} : { type: publicThread };
      const body = { name, auto_archive_duration: archiveMinutes, ...type };
      const thread = await rest.post(`/channels/${channelId}${path}`, { body });
      state.addChannel(thread);
      return thread.id;
    },

    /** @param {string} channelId */
    showTyping: (channelId) => rest.post(`/channels/${channelId}/typing`),

    /** @param {Runnable} runnable @param {{ type: number, name: string, value: unknown }[]} values @param {readonly File[]} files */
    runCommand(runnable, values, files) {
      const attachments = files.map(({ name }, index) => ({ id: String(index), filename: name }));
      const data = { ...toCommandData(runnable, values), attachments };
      return runVisibly(`/${runnable.name}`, { type: interactionType.command, data }, files);
    },

    /** @param {Command} command @param {Message} message */
    runMessageCommand(command, { id }) {
      const { id: commandId, version, name, type } = command;
      const data = { id: commandId, version, name, type, target_id: id };
      return runVisibly(name, { type: interactionType.command, data });
    },

    /** @param {Message} message @param {Component} component @param {string[]} [values] those chosen in a select menu */
    press(message, { type, custom_id: customId }, values) {
      const chosen = values === undefined ? {} : { type, values };
      return interactions.submit({
        type: interactionType.component,
        channelId: message.channel_id,
        messageId: message.id,
        messageFlags: message.flags ?? 0,
        data: { component_type: type, custom_id: customId, ...chosen },
      });
    },

    /**
     * @param {{ id: string, custom_id: string, channel_id?: string }} modal
     * @param {unknown[]} components
     */
    submitModal({ id, custom_id: customId, channel_id: channelId }, components) {
      const data = { id, custom_id: customId, components };
      const place = channelId === undefined ? {} : { channelId };
      return interactions.submit({ type: interactionType.modal, data, ...place });
    },

    /** @param {Runnable} runnable @param {{ type: number, name: string, value: unknown, focused?: boolean }[]} values */
    completeOption(runnable, values) {
      const data = toCommandData(runnable, values);
      return interactions.complete({ type: interactionType.autocomplete, data });
    },
  };
}
