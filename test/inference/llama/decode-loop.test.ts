import { expect, it } from "vitest";
import { DecodeLoop } from "../../../src/inference/llama/decode-loop.ts";
import type { Stepped } from "../../../src/inference/llama/decode-loop.ts";

const SETTINGS = { batchTokens: 8, promptTokensPerStep: 2 };

interface Script {
  readonly name: string;
  readonly prompt: number;
  readonly reply: number;
  readonly signal?: AbortSignal;
  readonly onWrite?: () => void;
}

/** A reply that writes down what the loop has it do. */
class ScriptedReply implements Stepped {
  readonly signal: AbortSignal;
  unreadTokens: number;
  hasLeft = false;
  readonly #diary: string[];
  readonly #script: Script;
  #unwritten: number;

  constructor(diary: string[], script: Script) {
    this.#diary = diary;
    this.#script = script;
    this.unreadTokens = script.prompt;
    this.#unwritten = script.reply;
    this.signal = script.signal ?? new AbortController().signal;
  }

  async read(tokens: number): Promise<void> {
    await Promise.resolve();
    this.unreadTokens -= tokens;
    this.#diary.push(`${this.#script.name} reads ${tokens}`);
  }

  async write(): Promise<boolean> {
    this.#script.onWrite?.();
    await Promise.resolve();
    this.#diary.push(`${this.#script.name} writes`);
    this.#unwritten -= 1;
    if (this.#unwritten < 0) throw new Error(`${this.#script.name} fails`);
    return this.#unwritten === 0;
  }

  leave(): Promise<void> {
    this.hasLeft = true;
    return Promise.resolve();
  }
}

it("advances all replies together, and reads a newcomer's prompt in pieces beside them", async () => {
  const diary: string[] = [];
  const loop = new DecodeLoop(SETTINGS);
  const writer = new ScriptedReply(diary, { name: "Ada", prompt: 0, reply: 3 });
  const newcomer = new ScriptedReply(diary, { name: "Ben", prompt: 4, reply: 1 });
  await Promise.all([loop.run(writer), loop.run(newcomer)]);
  expect(diary).toEqual([
    "Ada writes",
    "Ben reads 2",
    "Ada writes",
    "Ben reads 2",
    "Ada writes",
    "Ben writes",
  ]);
  expect([writer.hasLeft, newcomer.hasLeft]).toEqual([true, true]);
});

it("does what is to be done between steps while nothing is being decoded", async () => {
  const diary: string[] = [];
  const loop = new DecodeLoop(SETTINGS);
  const doJob = (name: string) =>
    loop.between(async () => {
      diary.push(`${name} begins`);
      await Promise.resolve();
      diary.push(`${name} ends`);
      return name;
    });
  const jobs: Promise<string>[] = [];
  const onWrite = (): void => {
    if (jobs.length === 0) jobs.push(doJob("one"), doJob("two"));
  };
  await loop.run(new ScriptedReply(diary, { name: "Ada", prompt: 0, reply: 2, onWrite }));
  expect(await Promise.all(jobs)).toEqual(["one", "two"]);
  expect(diary).toEqual([
    "Ada writes",
    "one begins",
    "one ends",
    "two begins",
    "two ends",
    "Ada writes",
  ]);
});

it("lets one reply fail without the others", async () => {
  const diary: string[] = [];
  const loop = new DecodeLoop(SETTINGS);
  const failing = loop.run(new ScriptedReply(diary, { name: "Ada", prompt: 0, reply: 0 }));
  const well = loop.run(new ScriptedReply(diary, { name: "Ben", prompt: 0, reply: 2 }));
  const job = loop.between(() => Promise.reject(new Error("the job fails")));
  await expect(failing).rejects.toThrow("Ada fails");
  await expect(job).rejects.toThrow("the job fails");
  await well;
  await expect(loop.between(() => Promise.resolve("on"))).resolves.toBe("on");
});

it("drops a reply that is stopped within a step", async () => {
  const diary: string[] = [];
  const loop = new DecodeLoop(SETTINGS);
  const stop = new AbortController();
  const { signal } = stop;
  const endless = new ScriptedReply(diary, { name: "Ada", prompt: 0, reply: 1_000, signal });
  const running = loop.run(endless);
  await loop.between(() => Promise.resolve());
  const written = diary.length;
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  expect(diary.length - written).toBeLessThanOrEqual(1);
  expect(endless.hasLeft).toBe(true);
});
