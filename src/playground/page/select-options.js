/** @import { State } from "./state.js" */
/** @import { Component } from "./types.js" */
import { isThread, toDisplayName } from "./state.js";

const selectType = { string: 3, user: 5, role: 6, mentionable: 7, channel: 8 };

/** @param {Component} component */
export function isSelect({ type }) {
  return Object.values(selectType).includes(type);
}

/**
 * What a select menu offers: its own options, or the server's people, roles or channels.
 * @param {Component} component
 * @param {State} state
 * @returns {{ label: string, value: string, description?: string, default?: boolean }[]}
 */
export function listOptions(component, state) {
  if (component.type === selectType.string) return component.options ?? [];
  if (component.type === selectType.channel) return listChannelOptions(state);
  const roles = [{ label: "@everyone", value: state.session.guildId }];
  if (component.type === selectType.role) return roles;
  const people = listPeopleOptions(state);
  return component.type === selectType.mentionable ? [...people, ...roles] : people;
}

/** @param {State} state */
export function listPeopleOptions(state) {
  return [...state.users.values()].map((user) => ({ label: toDisplayName(user), value: user.id }));
}

/** @param {State} state */
export function listChannelOptions(state) {
  const channels = state.listTextChannels();
  const threads = [...state.channels.values()].filter(isThread);
  return [...channels, ...threads].map((channel) => ({
    label: `#${state.nameChannel(channel)}`,
    value: channel.id,
  }));
}
