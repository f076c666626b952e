import { createIconButton, findElement, h } from "./dom.js";

const shownMs = 8000;

/** @param {string} text Says for some seconds what went wrong. */
export function showNotice(text) {
  const notice = h("div", { class: "notice", role: "alert" }, h("span", {}, text));
  notice.append(createIconButton("close", "Dismiss", () => notice.remove()));
  findElement("notices").append(notice);
  setTimeout(() => notice.remove(), shownMs);
}

/** @param {unknown} error */
export function toErrorText(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Runs what a person asked for, and shows why where it fails.
 * @param {() => Promise<unknown>} action
 */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    showNotice(toErrorText(error));
    return false;
  }
}
