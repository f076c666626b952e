/** @import { ConnectionState, PersonSession } from "./person-session.js" */
/** @import { Person, Session } from "./types.js" */
import { Composer } from "./composer.js";
import { createIcon, findElement } from "./dom.js";
import { createHint } from "./hint.js";
import { MessageList, toTypingText } from "./message-list.js";
import { renderToolbar } from "./message-toolbar.js";
import { attempt, toErrorText } from "./notices.js";
import { actAs } from "./person-session.js";
import { choosePerson, loadSession, rememberPerson } from "./session.js";
import { createDrawer, createSidebar } from "./sidebar.js";
import { isDirectMessage, isThread } from "./state.js";
import { findChannel, loadMessages, loadOlderMessages, loadWorld } from "./sync.js";
import { openThreadDialog } from "./thread-dialog.js";

const retryMs = 1000;

/** @param {string} text an empty one takes the banner away */
function showBanner(text) {
  const banner = findElement("banner");
  banner.textContent = text;
  banner.hidden = text === "";
}

/** @returns {Promise<Session>} waits for a server that is not there yet */
async function awaitSession() {
  for (;;) {
    try {
      return await loadSession();
    } catch (error) {
      showBanner(`The local server does not answer, trying again… (${toErrorText(error)})`);
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** @param {ConnectionState} connection A new world has new tokens: the page begins again with it. */
function showConnection(connection) {
  document.body.dataset["connection"] = connection;
  if (connection === "ready") showBanner("");
  if (connection === "lost") showBanner("Connection lost, reconnecting…");
  if (connection === "refused") {
    showBanner("The local server has started anew, loading it…");
    setTimeout(() => location.reload(), retryMs);
  }
}

/** @param {PersonSession} person @param {MessageList} list */
async function openPlace({ state, rest }, list) {
  const [, channelId = "", messageId] = /^#\/(\d+)(?:\/(\d+))?$/u.exec(location.hash) ?? [];
  const channel = channelId === "" ? undefined : await findChannel(state, rest, channelId);
  if (channel === undefined) {
    const first = state.listTextChannels()[0];
    if (first !== undefined && first.id !== channelId) location.replace(`#/${first.id}`);
    return;
  }
  state.select(channel.id);
  list.show();
  await loadMessages(state, rest, channel.id);
  if (messageId !== undefined) list.showMessage(messageId);
}

/** @param {PersonSession} person */
function drawHeader({ state }) {
  const channel = state.currentChannel;
  const parent = isThread(channel) ? state.channels.get(channel?.parent_id ?? "") : undefined;
  const name = state.nameChannel(channel);
  const sign = isDirectMessage(channel) ? "@" : "#";
  findElement("place").textContent = parent === undefined ? `${sign} ${name}` : name;
  const above = /** @type {HTMLAnchorElement} */ (findElement("parent"));
  above.hidden = parent === undefined;
  above.href = `#/${parent?.id ?? ""}`;
  above.textContent = `# ${state.nameChannel(parent)} ›`;
  findElement("topic").textContent = channel?.topic ?? "";
  findElement("new-thread").hidden = isThread(channel) || isDirectMessage(channel);
  document.title = `${name} · Familiar's playground`;
}

/** @param {PersonSession} person */
function createViews(person) {
  const { state, rest, actions, commands } = person;
  /** @type {MessageList} */
  const list = new MessageList({
    state,
    actions,
    showMessage: (messageId) => list.showMessage(messageId),
    loadOlder: () => attempt(() => loadOlderMessages(state, rest, state.currentChannelId)),
    renderToolbar: (message) =>
      renderToolbar(message, {
        state,
        actions,
        commands,
        reply: (target) => composer.replyTo(target),
        edit: (target) => list.edit(target),
        openThread: (target) =>
          openThreadDialog({ channelId: target.channel_id, message: target }, actions),
      }),
  });
  const composer = new Composer({
    state,
    actions,
    commands,
    editOwnLast: () => list.editOwnLast(),
  });
  return { list, composer };
}

/** @param {Session} session @param {Person} me */
function start(session, me) {
  const person = actAs(session, me, { onConnection: showConnection, onFresh: () => open() });
  const { state, actions, gateway } = person;
  const { list, composer } = createViews(person);
  const open = () => void attempt(() => openPlace(person, list));
  const drawTyping = () => {
    findElement("typing").textContent = toTypingText(state.listTypists(state.currentChannelId));
  };
  state.on("current", () => {
    drawHeader(person);
    drawTyping();
  });
  state.on("channels", () => {
    if (state.currentChannelId !== "" && state.currentChannel === undefined) location.hash = "";
  });
  state.on("people", () => drawHeader(person));
  state.on("typing", drawTyping);
  createSidebar(state, (chosen) => {
    rememberPerson(chosen.id);
    location.reload();
  });
  createHint(() => ({ state, composer }));
  findElement("new-thread").addEventListener("click", () =>
    openThreadDialog({ channelId: state.currentChannelId }, actions),
  );
  addEventListener("hashchange", open);
  addEventListener("online", () => gateway.hurry());
  document.addEventListener("visibilitychange", () => document.hidden || gateway.hurry());
  // Without 1000 the server would keep the session of a closed page for a while.
  addEventListener("pagehide", () => gateway.close());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  gateway.open();
  // The members' names come first, so that no mention flickers.
  void loadWorld(state, person.rest).finally(open);
}

function drawIcons() {
  const icons = /** @type {const} */ ({
    attach: "clip",
    mention: "at",
    menu: "menu",
    send: "send",
    "hint-close": "close",
  });
  for (const [id, icon] of Object.entries(icons)) findElement(id).append(createIcon(icon));
  findElement("new-thread").prepend(createIcon("thread"));
}

drawIcons();
createDrawer();
findElement("skip").addEventListener("click", () => findElement("draft").focus());
const session = await awaitSession();
showBanner("");
start(session, choosePerson(session));
