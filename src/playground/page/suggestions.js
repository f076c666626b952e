import { h } from "./dom.js";

let count = 0;

/**
 * @typedef {{ label: string, detail?: string | undefined, pick: () => void }} Suggestion
 */

/** A list of choices above a text field, moved through with the arrow keys while the field keeps the focus. */
export class Suggestions {
  #input;
  /** @type {Suggestion[]} */ #items = [];
  #active = 0;

  /** @param {HTMLTextAreaElement | HTMLInputElement} input @param {string} label */
  constructor(input, label) {
    count += 1;
    this.#input = input;
    this.element = h("ul", {
      id: `suggestions-${count}`,
      class: "suggestions",
      role: "listbox",
      "aria-label": label,
      hidden: true,
    });
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.element.id);
    input.setAttribute("autocomplete", "off");
    // Keeps the focus in the field while an item is clicked.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {Suggestion[]} items */
  show(items) {
    this.#items = items;
    this.#active = 0;
    this.element.replaceChildren(...items.map((item, index) => this.#drawItem(item, index)));
    this.element.hidden = items.length === 0;
    this.#mark();
  }

  hide() {
    this.show([]);
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  takeKey(event) {
    if (!this.isOpen || event.isComposing) return false;
    if (event.key === "ArrowDown") this.#move(1);
    else if (event.key === "ArrowUp") this.#move(-1);
    else if (event.key === "Escape") this.hide();
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab")
      this.#items[this.#active]?.pick();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {Suggestion} item @param {number} index */
  #drawItem({ label, detail, pick }, index) {
    const element = h(
      "li",
      { id: `${this.element.id}-${index}`, role: "option" },
      h("b", {}, label),
    );
    if (detail) element.append(h("span", { class: "quiet" }, detail));
    element.addEventListener("click", pick);
    element.addEventListener("pointermove", () => {
      if (this.#active === index) return;
      this.#active = index;
      this.#mark();
    });
    return element;
  }

  /** @param {number} step */
  #move(step) {
    this.#active = (this.#active + step + this.#items.length) % this.#items.length;
    this.#mark();
  }

  #mark() {
    for (const [index, element] of [...this.element.children].entries()) {
      element.setAttribute("aria-selected", String(index === this.#active));
      if (index === this.#active) element.scrollIntoView({ block: "nearest" });
    }
    if (this.isOpen)
      this.#input.setAttribute("aria-activedescendant", `${this.element.id}-${this.#active}`);
    else this.#input.removeAttribute("aria-activedescendant");
  }
}
