/** @import { Person, Session } from "./types.js" */

const personKey = "familiar.person";
const hintKey = "familiar.hint-seen";

/**
 * Addresses are moved to the host the page came from, so that "localhost" and forwarded ports work.
 * @returns {Promise<Session>}
 */
export async function loadSession() {
  const response = await fetch("/playground/session", { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`The local server answered with status ${response.status}.`);
  const session = /** @type {Session} */ (await response.json());
  return {
    ...session,
    apiUrl: toPageHost(session.apiUrl),
    gatewayUrl: toPageHost(session.gatewayUrl),
  };
}

/**
 * @param {string} address
 */
export function toPageHost(address) {
  const url = new URL(address, location.href);
  url.hostname = location.hostname;
  url.port = location.port;
  return url.href.replace(/\/$/u, "");
}

/**
 * The choice is kept per tab, so that two tabs can be two people.
 * @param {Session} session
 * @returns {Person}
 */
export function choosePerson(session) {
  const remembered = readStored(() => sessionStorage.getItem(personKey));
  const person = session.people.find(({ id }) => id === remembered) ?? session.people[0];
  if (person === undefined) throw new Error("The local server knows no people to act as.");
  return person;
}

/** @param {string} personId */
export function rememberPerson(personId) {
  readStored(() => sessionStorage.setItem(personKey, personId));
}

export function isHintSeen() {
  return readStored(() => localStorage.getItem(hintKey)) === "yes";
}

export function rememberHintSeen() {
  readStored(() => localStorage.setItem(hintKey, "yes"));
}

/**
 * Browsers set to refuse storage throw: the page then forgets, and works.
 * @template Value
 * @param {() => Value} access
 */
function readStored(access) {
  try {
    return access();
  } catch {
    return undefined;
  }
}
