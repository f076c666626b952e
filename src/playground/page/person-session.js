/** @import { Person, Session } from "./types.js" */
import { createActions } from "./actions.js";
import { CommandIndex } from "./commands.js";
import { Gateway } from "./gateway.js";
import { Interactions } from "./interactions.js";
import { openModal } from "./modal.js";
import { createRest } from "./rest.js";
import { State } from "./state.js";
import { createEventReader, loadWorld } from "./sync.js";

/**
 * @typedef {"connecting" | "ready" | "lost" | "refused"} ConnectionState
 * @typedef {{ onConnection: (state: ConnectionState) => void, onFresh: () => void }} PersonListener
 *   `onFresh`: events were missed, what was loaded is to be loaded again
 * @typedef {ReturnType<typeof actAs>} PersonSession
 */

/**
 * Everything that belongs to being one person: their state, their connection, what they can do.
 * @param {Session} session
 * @param {Person} person
 * @param {PersonListener} listener
 */
export function actAs(session, person, { onConnection, onFresh }) {
  const state = new State(session, person);
  const rest = createRest(session.apiUrl, person.token);
  const readEvent = createEventReader(state);
  const commands = new CommandIndex({ state, rest });
  let hasBeenReady = false;

  const gateway = new Gateway({
    url: session.gatewayUrl,
    token: person.token,
    listener: {
      onState: onConnection,
      onDispatch(type, data) {
        readEvent(type, data);
        interactions.receive(type, data);
        if (type === "INTERACTION_MODAL_CREATE") openModal(data, { state, actions });
        if (type === "READY") void renew();
      },
    },
  });
  const interactions = new Interactions({ state, rest, readSessionId: () => gateway.sessionId });
  const actions = createActions({ state, rest, interactions });

  async function renew() {
    const isFirst = !hasBeenReady;
    hasBeenReady = true;
    if (!isFirst) {
      state.messages.forgetAll();
      onFresh();
    }
    await Promise.allSettled([loadWorld(state, rest), commands.load()]);
  }

  return { state, rest, gateway, commands, actions };
}
