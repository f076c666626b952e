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
  const chosen = new Set(component.default_values?.map(({ id }) => id));
  return listEntities(component, state).map((entity) => ({
    ...entity,
    default: chosen.has(entity.value),
  }));
}

/** @param {Component} component @param {State} state */
function listEntities({ type, channel_types: channelTypes }, state) {
  if (type === selectType.channel) return listChannelOptions(state, channelTypes);
  if (type === selectType.role) return listRoleOptions(state);
  const people = listPeopleOptions(state);
  return type === selectType.mentionable ? [...people, ...listRoleOptions(state)] : people;
}

/** @param {State} state The highest first, as Discord lists them. */
export function listRoleOptions(state) {
  const roles = [...state.roles.values()].toSorted((left, right) => right.position - left.position);
  return roles.map(({ id, name }) => ({
    label: name.startsWith("@") ? name : `@${name}`,
    value: id,
  }));
}

/** @param {State} state */
export function listPeopleOptions(state) {
  return [...state.users.values()].map((user) => ({ label: toDisplayName(user), value: user.id }));
}

/** @param {State} state @param {number[]} [types] all where there are none */
export function listChannelOptions(state, types = []) {
  const channels = state.listTextChannels();
  const threads = [...state.channels.values()].filter(isThread);
  const fitting = [...channels, ...threads].filter(
    ({ type }) => types.length === 0 || types.includes(type),
  );
  return fitting.map((channel) => ({
    label: `#${state.nameChannel(channel)}`,
    value: channel.id,
  }));
}
