/** @import { Entry, Message } from "./types.js" */
/** @import { ViewContext } from "./message-view.js" */
import { findElement } from "./dom.js";
import { isSpeech } from "./message-extras.js";
import { isMessage } from "./message-store.js";
import { MessageView } from "./message-view.js";
import { isDirectMessage, isThread } from "./state.js";

const nearEndPx = 60;
const nearStartPx = 300;

/**
 * @typedef {ViewContext & {
 *   renderToolbar: (message: Message) => HTMLElement,
 *   loadOlder: () => Promise<unknown>,
 * }} ListContext
 */

/**
 * The messages of the current channel. It stays at the newest unless the person scrolled up.
 */
export class MessageList {
  #context;
  #log = findElement("log");
  #list = findElement("messages");
  #start = findElement("log-start");
  #jump = findElement("jump");
  /** @type {Map<string, MessageView>} by entry, oldest first */ #views = new Map();
  #isAtEnd = true;
  #isLoadingOlder = false;
  #unseen = 0;

  /** @param {ListContext} context */
  constructor(context) {
    this.#context = context;
    const { messages } = context.state;
    messages.on("reset", (channelId) => this.#isHere(channelId) && this.show());
    messages.on("older", ({ channelId }) => this.#isHere(channelId) && this.#showOlder());
    messages.on("add", (entry) => this.#isHere(entry.channel_id) && this.#add(entry));
    messages.on("update", (entry) => this.#views.get(entry.id)?.update(entry));
    messages.on("remove", ({ id }) => this.#remove(id));
    context.state.on("people", () => this.#refresh());
    this.#log.addEventListener("scroll", () => this.#noteScroll());
    this.#jump.addEventListener("click", () => this.scrollToEnd());
    new ResizeObserver(() => this.#isAtEnd && this.scrollToEnd()).observe(this.#list);
    new ResizeObserver(() => this.#isAtEnd && this.scrollToEnd()).observe(this.#log);
    this.#list.addEventListener("pointerover", (event) => this.#offerToolbar(event.target));
    this.#list.addEventListener("focusin", (event) => this.#offerToolbar(event.target));
    this.#list.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse")
        this.#list.querySelector(".toolbar:not(:focus-within)")?.remove();
    });
    this.#list.addEventListener("keydown", (event) => this.#moveFocus(event));
  }

  /** Draws the current channel anew. */
  show() {
    this.#views.clear();
    this.#isAtEnd = true;
    this.#list.replaceChildren(...this.#draw(this.#listEntries()));
    this.#regroup();
    this.#describeStart();
    this.scrollToEnd();
  }

  scrollToEnd() {
    this.#isAtEnd = true;
    this.#unseen = 0;
    this.#jump.hidden = true;
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** @param {string} messageId */
  showMessage(messageId) {
    const element = this.#views.get(messageId)?.element;
    if (element === undefined) return;
    this.#isAtEnd = false;
    element.scrollIntoView({ block: "center" });
    element.focus();
  }

  /** @param {Message} message */
  edit(message) {
    this.#views.get(message.id)?.edit();
  }

  /** @returns {boolean} whether there was one */
  editOwnLast() {
    const { me } = this.#context.state;
    const own = this.#listEntries().findLast(
      (entry) => isMessage(entry) && isSpeech(entry) && entry.author.id === me.id,
    );
    if (own === undefined || !isMessage(own)) return false;
    this.edit(own);
    return true;
  }

  #listEntries() {
    const { messages, currentChannelId } = this.#context.state;
    return messages.find(currentChannelId)?.entries ?? [];
  }

  /** @param {string} channelId */
  #isHere(channelId) {
    return channelId === this.#context.state.currentChannelId;
  }

  /** @param {Entry[]} entries */
  #draw(entries) {
    return entries.map((entry) => {
      const view = new MessageView(entry, this.#context);
      this.#views.set(entry.id, view);
      return view.element;
    });
  }

  /** @param {Entry} entry */
  #add(entry) {
    const [element] = this.#draw([entry]);
    const entries = this.#listEntries();
    const next = entries[entries.findIndex(({ id }) => id === entry.id) + 1];
    const nextElement = next && this.#views.get(next.id)?.element;
    if (element !== undefined) this.#list.insertBefore(element, nextElement ?? null);
    this.#regroup();
    const isOwn = !isMessage(entry) || entry.author.id === this.#context.state.me.id;
    if (this.#isAtEnd || isOwn) this.scrollToEnd();
    else this.#countUnseen();
  }

  #showOlder() {
    const before = this.#log.scrollHeight - this.#log.scrollTop;
    const missing = this.#listEntries().filter(({ id }) => !this.#views.has(id));
    this.#list.prepend(...this.#draw(missing));
    this.#regroup();
    this.#describeStart();
    this.#log.scrollTop = this.#log.scrollHeight - before;
  }

  /** @param {string} id */
  #remove(id) {
    const view = this.#views.get(id);
    if (view === undefined) return;
    const neighbour = view.element.nextElementSibling ?? view.element.previousElementSibling;
    const hadFocus = view.element.contains(document.activeElement);
    view.element.remove();
    this.#views.delete(id);
    this.#regroup();
    if (hadFocus && neighbour instanceof HTMLElement) neighbour.focus();
  }

  #refresh() {
    for (const view of this.#views.values()) view.update(view.entry, { isForced: true });
  }

  #regroup() {
    /** @type {Entry | undefined} */
    let previous;
    for (const entry of this.#listEntries()) {
      this.#views.get(entry.id)?.groupAfter(previous);
      previous = entry;
    }
    this.#setReachable(this.#list.lastElementChild);
  }

  #describeStart() {
    const { state } = this.#context;
    const book = state.messages.find(state.currentChannelId);
    const channel = state.currentChannel;
    const name = state.nameChannel(channel);
    if (book === undefined || !book.isLoaded) this.#start.textContent = "Loading messages…";
    else if (!book.hasReachedStart) this.#start.textContent = "Scroll up for older messages";
    else if (isDirectMessage(channel))
      this.#start.textContent = `Your direct messages with ${name} begin here.`;
    else
      this.#start.textContent = `${isThread(channel) ? "The thread" : "The channel"} “${name}” begins here.`;
  }

  #noteScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < nearEndPx;
    if (this.#isAtEnd) this.#unseen = 0;
    this.#drawJump();
    if (scrollTop < nearStartPx) void this.#loadOlder();
  }

  async #loadOlder() {
    const book = this.#context.state.messages.find(this.#context.state.currentChannelId);
    if (this.#isLoadingOlder || !book?.isLoaded || book.hasReachedStart) return;
    this.#isLoadingOlder = true;
    try {
      await this.#context.loadOlder();
    } finally {
      this.#isLoadingOlder = false;
    }
  }

  #countUnseen() {
    this.#unseen += 1;
    this.#drawJump();
  }

  #drawJump() {
    this.#jump.hidden = this.#isAtEnd;
    const news = this.#unseen === 0 ? "" : ` (${this.#unseen} new)`;
    this.#jump.textContent = `↓ To the newest${news}`;
  }

  /** @param {EventTarget | null} target */
  #offerToolbar(target) {
    if (!(target instanceof Element)) return;
    const element = target.closest("li.message");
    const entry = this.#views.get(element?.getAttribute("data-id") ?? "")?.entry;
    if (element === null || entry === undefined || !isMessage(entry)) return;
    if (element.querySelector(".toolbar") !== null) return;
    if (this.#list.querySelector(".toolbar :focus") !== null && target !== document.activeElement)
      return;
    this.#list.querySelector(".toolbar")?.remove();
    element.append(this.#context.renderToolbar(entry));
  }

  /** @param {Element | null} element the one message that the Tab key reaches */
  #setReachable(element) {
    for (const other of this.#list.querySelectorAll('li[tabindex="0"]'))
      other.setAttribute("tabindex", "-1");
    element?.setAttribute("tabindex", "0");
  }

  /** @param {KeyboardEvent} event */
  #moveFocus(event) {
    const element = event.target;
    if (!(element instanceof HTMLElement) || !element.matches("li.message")) return;
    const targets = {
      ArrowUp: element.previousElementSibling,
      ArrowDown: element.nextElementSibling,
      Home: this.#list.firstElementChild,
      End: this.#list.lastElementChild,
    };
    const next = Object.hasOwn(targets, event.key)
      ? targets[/** @type {keyof typeof targets} */ (event.key)]
      : null;
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    this.#setReachable(next);
    next.focus();
  }
}

/** @param {readonly string[]} names */
export function toTypingText(names) {
  if (names.length === 0) return "";
  if (names.length > 3) return "Several people are typing…";
  const list = new Intl.ListFormat("en", { type: "conjunction" }).format(names);
  return `${list} ${names.length === 1 ? "is" : "are"} typing…`;
}
