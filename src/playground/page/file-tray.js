import { createIconButton, h } from "./dom.js";
import { toSizeText } from "./message-extras.js";
import { showNotice } from "./notices.js";

const maxFiles = 10;
const maxBytes = 25 * 1024 * 1024;

/** The files that go with the next message. */
export class FileTray {
  /** @type {File[]} */ #files = [];
  #onChange;
  element = h("ul", { class: "file-tray", "aria-label": "Files to send", hidden: true });

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get files() {
    return this.#files;
  }

  /** @param {Iterable<File>} files */
  add(files) {
    const all = [...this.#files, ...files];
    if (all.length > maxFiles) showNotice(`A message carries at most ${maxFiles} files.`);
    const bytes = all.reduce((sum, { size }) => sum + size, 0);
    if (bytes > maxBytes) return showNotice("The files of a message may have 25 MiB in all.");
    this.#files = all.slice(0, maxFiles);
    this.#draw();
  }

  /** @returns {File[]} those that were in it */
  empty() {
    const files = this.#files;
    this.#files = [];
    this.#draw();
    return files;
  }

  #draw() {
    this.element.hidden = this.#files.length === 0;
    this.element.replaceChildren(
      ...this.#files.map((file) => {
        const remove = createIconButton("close", `Remove ${file.name}`, () => this.#remove(file));
        return h(
          "li",
          {},
          h("span", {}, file.name),
          h("span", { class: "quiet" }, toSizeText(file.size)),
          remove,
        );
      }),
    );
    this.#onChange();
  }

  /** @param {File} file */
  #remove(file) {
    this.#files = this.#files.filter((other) => other !== file);
    this.#draw();
  }
}
