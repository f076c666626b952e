import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../../../src/chat/ports.ts";
import { ReplyStopped } from "../../../src/chat/reply/reply-queue.ts";
import { wasCut } from "../../../src/chat/reply/shown-reply.ts";
import { streamReply } from "../../../src/chat/reply/stream-reply.ts";
import type { ReplyPrompt } from "../../../src/chat/reply/stream-reply.ts";
import { Watchdog } from "../../../src/chat/reply/watchdog.ts";
import { CountingEngine, delta, end, usage } from "../../support/counting-engine.ts";
import type { EngineScript } from "../../support/counting-engine.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { RecordingReplies } from "../../support/recording-replies.ts";
import { RecordingSurface } from "../../support/recording-surface.ts";
import { GREEDY } from "../../support/model.ts";
import { thread } from "../../support/turns.ts";

const PROMPT: ReplyPrompt = {
  messages: [{ role: "user", text: "Hello" }],
  isTrimmed: false,
  promptTokens: 30,
  newestPosition: 1,
  speakerLabels: ["Ada"],
  maxTokens: 100,
  limit: "length",
};

const READ = { type: "progress", readTokens: 30, promptTokens: 30, reusedTokens: 20 } as const;

/** Replies of one engine, each with a view of its own. */
class Scene {
  readonly clock = new HandClock();
  readonly replies = new RecordingReplies();
  readonly stop = new AbortController();
  readonly surface: RecordingSurface;
  readonly engine: CountingEngine;

  constructor(scripts: readonly EngineScript[], messageLength?: number) {
    this.engine = new CountingEngine({ scripts });
    this.surface = new RecordingSurface(undefined, messageLength);
  }

  write(continued?: { readonly continues: string }) {
    const { clock, engine, replies, stop, surface } = this;
    const log = new RecordingLog();
    const watchdog = new Watchdog(clock, 60_000);
    const savePart = async (): Promise<void> => {};
    const view = surface.open({ place: thread, answering: undefined, savePart });
    return streamReply(
      { clock, engine, log, replies, watchdog },
      {
        conversationId: 7,
        replyId: 1,
        prompt: { ...PROMPT, ...continued },
        beginning: continued?.continues ?? "",
        sampling: GREEDY,
        maxReplyParts: 3,
        view,
        signal: stop.signal,
      },
    );
  }
}

/** An engine that says this, one after the other, and takes a second for each. */
function says(scene: () => Scene, ...events: readonly EngineEvent[]): EngineScript {
  return async function* script(signal) {
    for (const event of events) {
      signal.throwIfAborted();
      scene().clock.advance(1_000);
      yield event;
    }
  };
}

const sceneOf = (events: readonly EngineEvent[], messageLength?: number): Scene => {
  const scene: Scene = new Scene([says(() => scene, ...events)], messageLength);
  return scene;
};

describe("the numbers of a reply that is cut short", () => {
  it.each([
    ["other-speaker", "Hello.\nAda: hi", undefined],
    ["repetition", "I can not do that, I am sorry to say. ".repeat(9), undefined],
    ["parts", "1234567890", 3],
  ] as const)("are what was read and written until then: %s", async (reason, said, length) => {
    const written = await sceneOf([READ, delta(said), end()], length).write();
    expect(written).toMatchObject({
      reason,
      usage: {
        promptTokens: 30,
        reusedTokens: 20,
        replyTokens: said.length,
        firstTokenMs: 2_000,
        totalMs: 2_000,
      },
    });
  });

  it("are there when somebody stops it, with its thoughts", async () => {
    const scene: Scene = new Scene([
      async function* script(signal) {
        yield READ;
        yield delta("<think>Hm.</think>");
        scene.clock.advance(500);
        yield delta("Yes");
        scene.stop.abort(new ReplyStopped("aborted"));
        signal.throwIfAborted();
      },
    ]);
    expect(await scene.write()).toMatchObject({
      reason: "aborted",
      text: "Yes",
      usage: { promptTokens: 30, reusedTokens: 20, replyTokens: 6, firstTokenMs: 0, totalMs: 500 },
    });
  });

  it("have no more of the prompt than was read", async () => {
    const scene: Scene = new Scene([
      async function* script(signal) {
        yield { ...READ, readTokens: 25 };
        scene.stop.abort(new ReplyStopped("aborted"));
        signal.throwIfAborted();
      },
    ]);
    expect(await scene.write()).toMatchObject({
      usage: { promptTokens: 25, reusedTokens: 20, replyTokens: 0 },
    });
  });

  it("are none where the engine tells nothing of the prompt", async () => {
    const written = await sceneOf([delta("Hello.\nAda: hi"), end()]).write();
    expect(written.usage).toBeUndefined();
  });

  it("have those of a first attempt that brought nothing", async () => {
    const scene: Scene = new Scene([
      says(() => scene, end()),
      says(() => scene, delta("Hello"), end()),
    ]);
    expect((await scene.write()).usage).toEqual({
      promptTokens: 2 * usage.promptTokens,
      reusedTokens: 2 * usage.reusedTokens,
      replyTokens: 2 * usage.replyTokens,
      firstTokenMs: usage.totalMs + usage.firstTokenMs,
      totalMs: 2 * usage.totalMs,
    });
  });
});

describe("thoughts that the prompt has begun", () => {
  const thoughtful = [delta("Let me"), delta(" see.</think>\n\n"), delta("Yes."), end()];

  it("are taken out of what is shown as soon as they end", async () => {
    const scene = sceneOf(thoughtful);
    expect(await scene.write()).toMatchObject({ text: "Yes.", thoughts: "Let me see." });
    expect(scene.surface.view.shown).toEqual(["Let me", "", "Yes."]);
    expect(scene.surface.view.waits).toEqual([{ kind: "thinking" }]);
  });

  it("leave the draft as well", async () => {
    const scene: Scene = new Scene([
      async function* script() {
        for (const event of thoughtful) {
          yield event;
          scene.clock.advance(1_000);
        }
      },
    ]);
    await scene.write();
    expect(scene.replies.drafts).toEqual(["Let me", "", "Yes."]);
  });

  const plain = [delta("Yes."), delta(" No."), end()];
  const known = [thoughtful, thoughtful, thoughtful];

  /** Writes a reply for each of the scripts, the last of which comes back. */
  const writeAll = async (...replies: readonly (readonly EngineEvent[])[]) => {
    const scene: Scene = new Scene(replies.map((events) => says(() => scene, ...events)));
    const written = [];
    for (const _ of replies) written.push(await scene.write());
    return { scene, last: written.at(-1), shown: scene.surface.view.shown };
  };

  it("are not shown once three replies have begun with them", async () => {
    const { last, shown } = await writeAll(...known, thoughtful);
    expect(last).toMatchObject({ text: "Yes.", thoughts: "Let me see." });
    expect(shown).toEqual(["Yes."]);
  });

  it.each(["length", "context"] as const)(
    "are kept with a turn that can be gone on with: %s",
    async (reason) => {
      const { last, shown } = await writeAll(...known, [
        delta("Let me"),
        delta(" see"),
        end(reason),
      ]);
      expect(last).toMatchObject({ text: "…", thoughts: "Let me see", reason });
      expect(shown).toEqual([]);
      expect(last !== undefined && wasCut(last)).toBe(true);
    },
  );

  it("are kept with the turn where somebody stops it, too", async () => {
    const scene: Scene = new Scene([
      ...known.map((events) => says(() => scene, ...events)),
      async function* script(signal) {
        yield delta("Let me see");
        scene.stop.abort(new ReplyStopped("aborted"));
        signal.throwIfAborted();
      },
    ]);
    for (const _ of known) await scene.write();
    expect(await scene.write()).toMatchObject({
      text: "…",
      thoughts: "Let me see",
      reason: "aborted",
    });
  });

  it.each([
    ["one that was asked to write their end", [thoughtful]],
    ["a few of those, where any other was plain", [plain, ...known]],
  ])("are not seen in a cut reply after %s", async (_name, before) => {
    const { last, shown } = await writeAll(...before, [delta("Yes,"), delta(" no"), end("length")]);
    expect(last).toMatchObject({ text: "Yes, no", thoughts: undefined, reason: "length" });
    expect(shown).toEqual(["Yes,", "Yes, no"]);
  });

  it("are not taken for granted: a reply that ends without them is all there", async () => {
    const { last, shown } = await writeAll(...known, plain);
    expect(last).toMatchObject({ text: "Yes. No.", thoughts: undefined });
    expect(shown).toEqual([]);
    expect((await writeAll(...known, plain, ...known, plain)).shown).toEqual(["Yes.", "Yes. No."]);
  });

  it("are not looked for where a reply is gone on with", async () => {
    const scene: Scene = new Scene([
      ...known.map((events) => says(() => scene, ...events)),
      says(() => scene, delta(" or no."), end("length")),
    ]);
    for (const _ of known) await scene.write();
    expect(await scene.write({ continues: "Yes" })).toMatchObject({ text: "Yes or no." });
  });
});

it("goes on after it spoke for someone else, and stops where it would do so again", async () => {
  const scene: Scene = new Scene([
    says(() => scene, delta(" And you?"), delta("\nAda: hi")),
    says(() => scene, delta("\nAda: hi")),
  ]);
  const cut = { reason: "other-speaker" };
  expect(await scene.write({ continues: "Hi." })).toMatchObject({ ...cut, text: "Hi. And you?" });
  expect(await scene.write({ continues: "Hi." })).toMatchObject({ ...cut, text: "Hi." });
});
