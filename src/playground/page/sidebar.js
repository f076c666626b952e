/** @import { State } from "./state.js" */
/** @import { Channel, Person } from "./types.js" */
import { findElement, h } from "./dom.js";
import { isThread } from "./state.js";

/**
 * The list of places, and who one is.
 * @param {State} state
 * @param {(person: Person) => void} onSwitch
 */
export function createSidebar(state, onSwitch) {
  const people = /** @type {HTMLSelectElement} */ (findElement("person"));
  people.replaceChildren(
    ...state.session.people.map(({ id, displayName }) =>
      h("option", { value: id, selected: id === state.me.id }, displayName),
    ),
  );
  people.onchange = () => {
    const person = state.session.people.find(({ id }) => id === people.value);
    if (person !== undefined) onSwitch(person);
  };
  drawPlaces(state);
  state.on("channels", () => drawPlaces(state));
  state.on("people", () => drawPlaces(state));
}

/** @param {State} state */
function drawPlaces(state) {
  const list = findElement("channels");
  const focused = document.activeElement?.getAttribute("href");
  const hadFocus =
    list.contains(document.activeElement) || findElement("direct").contains(document.activeElement);
  list.replaceChildren(
    ...state.listTextChannels().map((channel) => {
      const threads = state.listThreads(channel.id).map((thread) => renderPlace(thread, state));
      const item = renderPlace(channel, state);
      if (threads.length > 0) {
        item.append(
          h("ul", { "aria-label": `Threads in ${state.nameChannel(channel)}` }, ...threads),
        );
      }
      return item;
    }),
  );
  findElement("direct").replaceChildren(
    ...state.listDirectMessages().map((channel) => renderPlace(channel, state)),
  );
  if (!hadFocus) return;
  const links = document.querySelectorAll("#sidebar a");
  const again = [...links].find((link) => link.getAttribute("href") === focused);
  if (again instanceof HTMLElement) again.focus();
}

/** @param {Channel} channel @param {State} state */
function renderPlace(channel, state) {
  const isCurrent = channel.id === state.currentChannelId;
  const isUnread = state.unread.has(channel.id);
  const sign = isThread(channel) ? "└ " : channel.type === 1 ? "@ " : "# ";
  const link = h(
    "a",
    { href: `#/${channel.id}`, "aria-current": isCurrent && "page", class: isUnread && "unread" },
    h("span", { class: "sign", "aria-hidden": true }, sign),
    h("span", { class: "place-name" }, state.nameChannel(channel)),
    isUnread ? h("span", { class: "visually-hidden" }, " (new messages)") : undefined,
  );
  return h("li", {}, link);
}

/** On narrow screens the list lies over the messages, and a button shows it. */
export function createDrawer() {
  const sidebar = findElement("sidebar");
  const button = findElement("menu");
  /** @param {boolean} isOpen */
  function setOpen(isOpen) {
    sidebar.classList.toggle("open", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
    findElement("shade").hidden = !isOpen;
  }
  button.addEventListener("click", () => {
    setOpen(!sidebar.classList.contains("open"));
    sidebar.querySelector("a")?.focus();
  });
  findElement("shade").addEventListener("click", () => setOpen(false));
  sidebar.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    setOpen(false);
    button.focus();
  });
  addEventListener("hashchange", () => setOpen(false));
  setOpen(false);
}
