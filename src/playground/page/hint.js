/** @import { Composer } from "./composer.js" */
/** @import { State } from "./state.js" */
import { createIcon, findElement, h } from "./dom.js";
import { isHintSeen, rememberHintSeen } from "./session.js";
import { isDirectMessage, isThread } from "./state.js";

const examples = [
  "Hello!",
  "My name is Ada.",
  "What is my name?",
  "Write code.",
  "Tell me a long story.",
  "Count to 12",
];

/**
 * What to try: shown on the first visit, later by the question mark.
 * @param {() => { state: State, composer: Composer }} findCurrent
 */
export function createHint(findCurrent) {
  const panel = findElement("hint");
  const toggle = findElement("help");
  toggle.append(createIcon("help"));

  /** @param {boolean} isShown */
  function show(isShown) {
    panel.hidden = !isShown;
    toggle.setAttribute("aria-expanded", String(isShown));
  }

  /** @param {string} text */
  function tryOut(text) {
    const { state, composer } = findCurrent();
    const place = state.currentChannel;
    const needsMention = !isThread(place) && !isDirectMessage(place);
    const mention =
      needsMention && state.bot !== undefined ? `${state.nameMention(state.bot)} ` : "";
    composer.setDraft(mention + text);
  }

  findElement("examples").replaceChildren(
    ...examples.map((text) =>
      h("li", {}, h("button", { type: "button", onclick: () => tryOut(text) }, text)),
    ),
  );
  findElement("hint-close").addEventListener("click", () => {
    rememberHintSeen();
    show(false);
  });
  toggle.addEventListener("click", () => show(panel.hidden === true));
  show(!isHintSeen());
}
