/** @import { Block, ListBlock } from "./markdown-blocks.js" */
/** @import { Inline } from "./markdown-inline.js" */
/** @import { State } from "./state.js" */
import { h } from "./dom.js";
import { parseBlocks } from "./markdown-blocks.js";
import { formatTimestamp } from "./time.js";

const emphasisTags = /** @type {const} */ ({
  bold: "strong",
  italic: "em",
  underline: "u",
  strike: "s",
});

const messageLink = /^https:\/\/discord\.com\/channels\/(?:\d+|@me)\/(\d+)\/(\d+)$/u;

/**
 * Text of a message as elements, made of text nodes alone.
 * @param {string} text
 * @param {State} state names the mentioned
 */
export function renderMarkdown(text, state) {
  return parseBlocks(text).map((block) => renderBlock(block, state));
}

/** @param {Block} block @param {State} state @returns {HTMLElement} */
function renderBlock(block, state) {
  switch (block.kind) {
    case "code":
      return renderCodeBlock(block.language, block.text);
    case "quote":
      return h("blockquote", {}, ...block.blocks.map((nested) => renderBlock(nested, state)));
    case "list":
      return renderList(block, state);
    case "heading":
      return h("p", { class: `heading-${block.level}` }, ...renderInline(block.content, state));
    case "subtext":
      return h("p", { class: "subtext" }, ...renderInline(block.content, state));
    default:
      return h("p", {}, ...renderInline(block.content, state));
  }
}

/** @param {ListBlock} list @param {State} state @returns {HTMLElement} */
function renderList(list, state) {
  const items = list.items.map(({ content, items: nested }) => {
    const inner = nested === undefined ? undefined : renderList(nested, state);
    return h("li", {}, ...renderInline(content, state), inner);
  });
  return list.isOrdered ? h("ol", { start: list.start }, ...items) : h("ul", {}, ...items);
}

/** @param {string} language @param {string} text */
function renderCodeBlock(language, text) {
  const copy = h("button", { type: "button", class: "text-button" }, "Copy");
  copy.addEventListener("click", async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    copy.textContent = isCopied ? "Copied" : "Not copied";
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  const bar = h("div", { class: "code-bar" }, h("span", {}, language || "text"), copy);
  const code = h(
    "pre",
    { tabindex: 0, "aria-label": `Code, ${language || "text"}` },
    h("code", {}, text),
  );
  return h("div", { class: "code-block" }, bar, code);
}

/** @param {Inline[]} nodes @param {State} state @returns {(HTMLElement | string)[]} */
export function renderInline(nodes, state) {
  return nodes.map((node) => renderNode(node, state));
}

/** @param {Inline} node @param {State} state @returns {HTMLElement | string} */
function renderNode(node, state) {
  switch (node.kind) {
    case "text":
      return node.text;
    case "code":
      return h("code", {}, node.text);
    case "spoiler":
      return renderSpoiler(renderInline(node.content, state));
    case "link":
      return (
        renderMessageLink(node.url, state) ??
        renderLink(node.url, renderInline(node.content, state))
      );
    case "bold":
    case "italic":
    case "underline":
    case "strike":
      return h(emphasisTags[node.kind], {}, ...renderInline(node.content, state));
    case "time":
      return renderTime(node.seconds, node.style);
    case "channel":
      return h("a", { class: "mention", href: `#/${node.id}` }, `#${nameChannel(state, node.id)}`);
    default:
      return renderMention(node, state);
  }
}

/**
 * @param {Extract<Inline, { kind: "user" | "role" | "command" | "everyone" | "emoji" }>} node
 * @param {State} state
 */
function renderMention(node, state) {
  switch (node.kind) {
    case "user": {
      const isMe = node.id === state.me.id;
      const name = `@${state.nameUser(node.id)}`;
      return h("span", { class: isMe ? "mention mention-me" : "mention" }, name);
    }
    case "role":
      return h("span", { class: "mention" }, "@role");
    case "command":
      return h("span", { class: "mention" }, `/${node.name}`);
    case "everyone":
      return h("span", { class: "mention" }, node.name);
    default:
      return `:${node.name}:`;
  }
}

/** @param {(HTMLElement | string)[]} content */
function renderSpoiler(content) {
  const inner = h("span", { class: "spoiler-text", inert: true }, ...content);
  const spoiler = h("span", { class: "spoiler", role: "button", tabindex: 0 }, inner);
  spoiler.setAttribute("aria-label", "Spoiler, show");
  function reveal() {
    spoiler.classList.add("revealed");
    inner.inert = false;
    for (const name of ["role", "tabindex", "aria-label"]) spoiler.removeAttribute(name);
  }
  spoiler.addEventListener("click", reveal);
  spoiler.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    reveal();
  });
  return spoiler;
}

/** @param {string} url @param {(HTMLElement | string)[]} content */
export function renderLink(url, content) {
  const properties = { href: url, target: "_blank", rel: "noopener noreferrer", title: url };
  return h("a", properties, ...content);
}

/** @param {string} url @param {State} state A link to a message of this world leads there, and not to Discord. */
function renderMessageLink(url, state) {
  const [, channelId = "", messageId] = messageLink.exec(url) ?? [];
  if (!state.channels.has(channelId)) return undefined;
  const name = `#${nameChannel(state, channelId)} › message`;
  return h("a", { class: "mention", href: `#/${channelId}/${messageId}` }, name);
}

/** @param {number} seconds @param {string} style */
function renderTime(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return h("span", {}, "an unknown time");
  return h("time", { datetime: date.toISOString() }, formatTimestamp(date, style));
}

/** @param {State} state @param {string} channelId */
function nameChannel(state, channelId) {
  const channel = state.channels.get(channelId);
  return channel === undefined ? "unknown" : state.nameChannel(channel);
}
