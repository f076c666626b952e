import { expect, it } from "vitest";
import { toChannelId, toGuildId } from "../../../src/chat/ids.ts";
import { createPersonaContent } from "../../../src/chat/persona/persona.ts";
import type { Waiting } from "../../../src/chat/reply/notice.ts";
import { OneOffReplies } from "../../../src/chat/reply/one-off.ts";
import type { OneOffRequest } from "../../../src/chat/reply/one-off.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import { ReplyNumbers } from "../../../src/chat/reply/reply-numbers.ts";
import { Watchdog } from "../../../src/chat/reply/watchdog.ts";
import type { AnswerDependencies } from "../../../src/chat/reply/answer-ports.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { GREEDY } from "../../support/model.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { createGate, end, say, ScriptedEngine, waitFor } from "../../support/scripted-engine.ts";
import type { ScriptStep } from "../../support/scripted-engine.ts";
import { Quotas } from "../../../src/chat/settings/quotas.ts";
import { createSettings } from "../../support/settings.ts";
import { ada, ben } from "../../support/turns.ts";

const settings = {
  defaultSystemPrompt: "Be kind.",
  maxReplyTokens: 100,
  maxReplyParts: 10,
  showThoughts: false,
  replyTimeoutMs: 60_000,
  maxWaiting: 1,
  maxWaitingPerUser: 1,
  sampling: GREEDY,
};
const place = { kind: "channel", id: toChannelId("7"), guildId: toGuildId("6") } as const;

function open(...script: readonly (readonly ScriptStep[])[]) {
  const engine = new ScriptedEngine(script, 4_096, 1);
  const clock = new HandClock();
  const numbers = new ReplyNumbers();
  const charges: unknown[] = [];
  const usages = {
    read: async () => [],
    add: async (charge: unknown) => void charges.push(charge),
  };
  const kept = { ...createSettings(), usages };
  const quotas = new Quotas({ ...kept, clock });
  const ports = {
    engine,
    clock,
    numbers,
    ...kept,
    log: new RecordingLog(),
    lore: noLore,
    notes: noNotes,
    line: new ReplyLine({ ...settings, places: 1 }),
    quotas,
    watchdog: new Watchdog(clock, settings.replyTimeoutMs),
  };
  const dependencies = ports as unknown as AnswerDependencies;
  return { charges, engine, numbers, oneOffs: new OneOffReplies(dependencies, settings) };
}

class View {
  readonly shown: string[] = [];
  readonly waits: (Waiting | undefined)[] = [];
  readonly gone = new AbortController().signal;
  wait(waiting: Waiting | undefined): void {
    this.waits.push(waiting);
  }
  show(text: string): void {
    this.shown.push(text);
  }
  measure(text: string, messages: number): number {
    return Math.min(text.length, messages * 10);
  }
}

function question(key: string, more: Partial<OneOffRequest> = {}): OneOffRequest {
  const view = new View();
  const asked = { key, place, askedBy: ada, text: "Why?", persona: undefined };
  return { ...asked, maxReplyParts: 3, view, ...more };
}

it("writes for a persona what belongs to no conversation, and counts it", async () => {
  const { charges, engine, numbers, oneOffs } = open(say("Because", " so."));
  const content = createPersonaContent({
    name: "Tutor",
    systemPrompt: "You are {{char}}; {{user}} learns.",
    sampling: { temperature: 0.25 },
  });
  const persona = {
    source: "guild",
    isInherited: false,
    content,
    version: undefined,
    followsNewest: true,
  } as const;
  const view = new View();
  expect(await oneOffs.write(question("1", { persona, view }))).toEqual({
    text: "Because so.",
    thoughts: undefined,
    notice: undefined,
  });
  expect(view.shown).toEqual(["Because", "Because so."]);
  expect(engine.requests[0]).toMatchObject({
    keepsNothing: true,
    conversationId: undefined,
    messages: [
      { role: "system", text: "You are Tutor; Ada learns." },
      { role: "user", text: "Why?" },
    ],
    sampling: { temperature: 0.25 },
  });
  const now = { running: 0, waiting: 0, parallelReplies: 1 };
  expect(numbers.read(now).endings).toEqual(new Map([["stop", 1]]));
  expect(charges).toEqual([{ guildId: place.guildId, userId: ada.id, tokens: 19 }]);
});

it("waits in line as every reply does, and is refused where the line is full", async () => {
  const gate = createGate();
  const { oneOffs } = open([waitFor(gate), ...say("One.")], say("Two."));
  const first = oneOffs.write(question("1"));
  await gate.reached;
  const view = new View();
  const second = oneOffs.write(question("2", { askedBy: ben, view }));
  const third = await oneOffs.write(question("3", { askedBy: ben }));
  expect(third.notice).toEqual({ kind: "queue-full", of: "everyone" });
  gate.open();
  expect([(await first).text, (await second).text]).toEqual(["One.", "Two."]);
  expect(view.waits).toEqual([{ kind: "queued", place: 1 }, { kind: "turn" }]);
});

it("stops, while it waits and while it is written, and is known until then", async () => {
  const gate = createGate();
  const { oneOffs } = open([{ kind: "say", text: "Half" }, waitFor(gate), end("stop")]);
  const first = oneOffs.write(question("1"));
  await gate.reached;
  const second = oneOffs.write(question("2", { askedBy: ben }));
  expect([oneOffs.askerOf("1"), oneOffs.askerOf("2")]).toEqual([ada.id, ben.id]);
  oneOffs.stop("2");
  expect(await second).toMatchObject({ text: "", notice: { kind: "aborted" } });
  oneOffs.interrupt();
  expect(await first).toMatchObject({ text: "Half", notice: { kind: "interrupted" } });
  expect(oneOffs.askerOf("1")).toBeUndefined();
  await oneOffs.close();
});

it("is cut where it would fill more messages than it may", async () => {
  const { oneOffs } = open(say("0123456789", "0123456789", "0123456789", "0123456789"));
  const { notice, text } = await oneOffs.write(question("1", { maxReplyParts: 2 }));
  expect([text, notice?.kind]).toEqual(["01234567890123456789", "parts"]);
});
