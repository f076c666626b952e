import { DiscordAPIError } from "discord.js";
import { expect, it } from "vitest";
import type {
  AnswerMessages,
  ShownMessage,
} from "../../../src/discord/ask/interaction-messages.ts";
import { StreamedAnswer } from "../../../src/discord/ask/streamed-answer.ts";
import { VirtualTime } from "../reply/virtual-time.ts";

/** The messages as people see them; undefined is the reply itself. */
class Shown implements AnswerMessages {
  readonly messages = new Map<string | undefined, ShownMessage>();
  readonly requests: string[] = [];
  /** What the next requests fail with. */
  readonly failures: Error[] = [];

  async create(message: ShownMessage): Promise<string> {
    this.#request("create");
    const id = String(this.messages.size);
    this.messages.set(id, message);
    return id;
  }

  async edit(id: string | undefined, message: ShownMessage): Promise<void> {
    this.#request("edit");
    this.messages.set(id, message);
  }

  async remove(id: string): Promise<void> {
    this.#request("remove");
    this.messages.delete(id);
  }

  get contents(): string[] {
    return [...this.messages.values()].map(({ content }) => content);
  }

  #request(what: string): void {
    this.requests.push(what);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}

function open(question = "") {
  const time = new VirtualTime();
  const shown = new Shown();
  const answer = new StreamedAnswer({
    messages: shown,
    schedule: time.schedule,
    question,
    toSentence: ({ kind }) => kind,
  });
  return { answer, shown, time };
}

const ending = { heading: "", notice: undefined, thoughts: undefined } as const;
const paragraph = (letter: string): string => `${letter.repeat(1_500)}\n\n`;

it("sends the newest text once a second, and the end at once", async () => {
  const { answer, shown, time } = open();
  answer.wait({ kind: "queued", place: 2 });
  await time.advance(0);
  for (const text of ["One", "One two", "One two three"]) answer.show(text);
  await time.advance(999);
  expect(shown.contents).toEqual(["-# queued"]);
  await time.advance(1);
  expect(shown.contents).toEqual(["One two three"]);
  expect(shown.messages.get(undefined)?.canStop).toBe(true);
  answer.show("One two three four");
  await answer.end({ ...ending, text: "One two three four.", notice: "Cut." });
  expect(shown.messages.get(undefined)).toEqual({
    content: "One two three four.\n-# Cut.",
    canStop: false,
  });
  expect(shown.requests).toHaveLength(3);
});

it("goes on in further messages, and only the last can be stopped", async () => {
  const { answer, shown, time } = open();
  answer.show(paragraph("a") + paragraph("b"));
  await time.advance(5_000);
  expect([...shown.messages.values()].map(({ canStop }) => canStop)).toEqual([false, true]);
  await answer.end({ ...ending, text: paragraph("a") });
  expect(shown.contents).toEqual(["a".repeat(1_500)]);
});

it("repeats an edit whose outcome it does not know, and never a new message", async () => {
  const { answer, shown, time } = open();
  shown.failures.push(new Error("no answer"));
  answer.show("One");
  await time.advance(5_000);
  expect(shown.contents).toEqual(["One"]);
  answer.show(paragraph("a"));
  await time.advance(5_000);
  shown.failures.push(new Error("no answer"));
  answer.show(paragraph("a") + paragraph("b"));
  await time.advance(5_000);
  expect(answer.gone.aborted).toBe(true);
  expect(shown.requests.filter((what) => what === "create")).toHaveLength(1);
  await answer.end({ ...ending, text: "all" });
});

it("shows the question above the text, and counts it against what a message holds", async () => {
  const question = "> Why?";
  const { answer, shown, time } = open(question);
  answer.wait({ kind: "thinking" });
  await time.advance(1_000);
  expect(shown.contents).toEqual(["-# thinking"]);
  const full = "x".repeat(2_000 - question.length - 1);
  expect(answer.measure(`${full}x`, 1)).toBe(full.length);
  expect(answer.measure(`\n\n${full}`, 1)).toBe(full.length + 2);
  answer.show("\n\nBecause");
  await time.advance(1_000);
  expect(shown.contents).toEqual(["> Why?\nBecause"]);
  await answer.end({ ...ending, text: full, notice: "Cut." });
  expect(shown.contents).toEqual([`> Why?\n${full}`, "-# Cut."]);
});

it("keeps the question apart from a quotation, and shows it where there is no answer", async () => {
  const quoting = open("> Why?");
  await quoting.answer.end({ ...ending, text: "> Someone\nsaid" });
  expect(quoting.shown.contents).toEqual(["> Why?\n\n> Someone\nsaid"]);
  const silent = open("> Why?");
  await silent.answer.end({ ...ending, text: "", notice: "Nothing." });
  expect(silent.shown.contents).toEqual(["> Why?\n-# Nothing."]);
});

it("ends when what it answers is gone", async () => {
  const { answer, shown, time } = open();
  const body = { code: 10_008, message: "Unknown Message" };
  shown.failures.push(new DiscordAPIError(body, 10_008, 404, "PATCH", "", { body: {}, files: [] }));
  answer.show("One");
  await time.advance(0);
  expect(answer.gone.aborted).toBe(true);
});
