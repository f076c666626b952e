import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../../src/chat/ids.ts";
import type { MessageId } from "../../../src/chat/ids.ts";
import { Learner } from "../../../src/chat/learning/learner.ts";
import type { LearnerDependencies } from "../../../src/chat/learning/learner.ts";
import { Learning } from "../../../src/chat/learning/learning.ts";
import type { ProposalMessage } from "../../../src/chat/learning/proposal.ts";
import type { ProposalSurface, ShowOutcome } from "../../../src/chat/learning/proposal-surface.ts";
import type { Place, Speaker } from "../../../src/chat/place.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import { Watchdog } from "../../../src/chat/reply/watchdog.ts";
import { SettingsLibrary } from "../../../src/chat/settings/settings-library.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { provideStore } from "../../support/provide-store.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { createGate, fail, say, ScriptedEngine, waitFor } from "../../support/scripted-engine.ts";
import type { ScriptStep } from "../../support/scripted-engine.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const { signal } = new AbortController();

let lastId = 1_200_000_000_000_000_000n;

function newId(): string {
  lastId += 1n;
  return String(lastId);
}

let store: Store;

provideStore("PGlite", (provided) => {
  ({ store } = provided);
});

/** Shows proposals to the test. */
class RecordingProposals implements ProposalSurface {
  readonly posted: ProposalMessage[] = [];
  readonly shown: ProposalMessage[] = [];
  readonly removed: MessageId[] = [];
  outcome: ShowOutcome = "done";
  isWritable = true;
  /** Called before a message is posted. */
  onPost: () => Promise<void> = async () => {};
  readonly #places = new Map<string, Place>();

  add(place: Place): void {
    this.#places.set(place.id, place);
  }

  async find(id: string) {
    return this.#places.get(id);
  }

  async post(_place: Place, message: ProposalMessage) {
    await this.onPost();
    if (!this.isWritable) return undefined;
    this.posted.push(message);
    return toMessageId(newId());
  }

  async show(_place: Place, _messageId: MessageId, message: ProposalMessage) {
    this.shown.push(message);
    return this.outcome;
  }

  async remove(_place: Place, messageId: MessageId) {
    this.removed.push(messageId);
    return this.outcome;
  }
}

function facts(...texts: readonly string[]): ScriptStep[] {
  return say(JSON.stringify({ facts: texts.map((fact) => ({ fact })) }));
}

class Scene {
  readonly clock = new HandClock();
  readonly engine: ScriptedEngine;
  readonly line = new ReplyLine({ places: 2, maxWaiting: 9, maxWaitingPerUser: 9 });
  readonly log = new RecordingLog();
  readonly proposals = new RecordingProposals();
  readonly settings = new SettingsLibrary(store.settings);
  readonly learner: Learner;
  readonly learning: Learning;
  readonly #limits = new HandClock();
  #attempts = 0;

  constructor(...replies: readonly (readonly ScriptStep[])[]) {
    this.engine = new ScriptedEngine(replies, 2_000);
    const { clock, engine, log, proposals, settings } = this;
    const { learning, notes } = store;
    const line: LearnerDependencies["line"] = {
      untilIdle: () => this.line.untilIdle(),
      runIdle: async (task) => {
        const isDone = await this.line.runIdle(task);
        this.#attempts += 1;
        return isDone;
      },
    };
    const watchdog = new Watchdog(this.#limits, 60_000);
    const ports = { clock, engine, learning, line, log, notes, proposals, settings, watchdog };
    this.learner = new Learner(ports);
    this.learning = new Learning({
      learning,
      settings,
      notes: { forgetEvaluated: async () => {} },
      privacy: { hasOptedOut: async () => false },
      refresh: () => this.learner.refresh(),
    });
  }

  /** A place where learning is on, and a person who consents to it. */
  async open(kind: "channel" | "direct" = "channel"): Promise<Talk> {
    const guildId = toGuildId(newId());
    const id = toChannelId(newId());
    const place: Place = kind === "direct" ? { kind, id } : { kind, id, guildId };
    this.proposals.add(place);
    const ann = { id: toUserId(newId()), name: "Ann" };
    if (kind === "channel") {
      await this.settings.change({ kind: "guild", id: guildId }, { learning: true });
    }
    await this.learning.consent(ann.id, new Date(0));
    const conversation = await store.conversations.open({ place, isParticipant: true });
    return { ann, conversation, guildId, place };
  }

  async say({ conversation }: Talk, speaker: Speaker, text: string): Promise<MessageId> {
    const messageId = toMessageId(newId());
    const saidAt = this.clock.date();
    const turn = { messageId, role: "user", speaker, text, saidAt } as const;
    await store.conversations.record(conversation.id, turn);
    this.learner.note(conversation.id);
    return messageId;
  }

  /** Lets a wait pass, and what follows it happen. */
  async passPause(): Promise<number> {
    const waited = await this.clock.passWait();
    await settle();
    return waited;
  }

  /** The pause in the place, and the quiet before it begins. */
  async learn(): Promise<void> {
    const attempt = this.#attempts + 1;
    while (this.#attempts < attempt) {
      if (this.clock.waiting > 0) await this.clock.passWait();
      await settle();
    }
    await settle();
  }

  /** All that is to be learned. */
  async learnAll(): Promise<void> {
    await this.learn();
    await this.learn();
    if (this.clock.waiting > 0) throw new Error("There is more to learn");
  }
}

interface Talk {
  readonly ann: Speaker;
  readonly conversation: Conversation;
  readonly guildId: ReturnType<typeof toGuildId>;
  readonly place: Place;
}

describe("what someone who consents has said", () => {
  it("is learned from after a pause, and they are asked about it", async () => {
    const scene = new Scene(facts("Has two cats."));
    const talk = await scene.open();
    await scene.say(talk, talk.ann, "I have two cats");
    expect(await scene.passPause()).toBe(10 * MINUTE_MS);
    expect(scene.engine.requests).toEqual([]);
    expect(await scene.passPause()).toBe(5_000);
    await scene.learnAll();
    expect(scene.proposals.posted).toEqual([
      {
        person: talk.ann.id,
        proposals: [
          { id: expect.any(Number), state: "pending", text: "Has two cats.", replaces: undefined },
        ],
      },
    ]);
    expect(scene.engine.requests).toHaveLength(1);
    expect(scene.engine.requests[0]).toMatchObject({
      conversationId: undefined,
      keepsNothing: true,
      schema: { type: "object" },
    });
    expect(scene.engine.requests[0]?.messages[1]?.text).toContain("person: I have two cats");
  });

  it("waits until the place has been quiet, but no longer than two hours", async () => {
    const scene = new Scene(facts());
    const talk = await scene.open();
    await scene.say(talk, talk.ann, "I have two cats");
    await settle();
    scene.clock.advance(9 * MINUTE_MS);
    await scene.say(talk, talk.ann, "and a dog");
    expect(await scene.passPause()).toBe(10 * MINUTE_MS);
    // By the clock, 19 minutes have passed since the first message, and 10 since the second.
    expect(await scene.passPause()).toBe(5_000);
    await settle();
    const other = await scene.open();
    for (let minutes = 0; minutes <= 120; minutes += 5) {
      await scene.say(other, other.ann, "more");
      scene.clock.advance(5 * MINUTE_MS);
    }
    await scene.learn();
    expect(scene.engine.requests.length).toBeGreaterThan(0);
  });

  it("is given up at once when somebody asks, and learned from later", async () => {
    const gate = createGate();
    const scene = new Scene([waitFor(gate), ...facts("Has two cats.")], facts("Has two cats."));
    const talk = await scene.open();
    await scene.say(talk, talk.ann, "I have two cats");
    await scene.passPause();
    await scene.passPause();
    await gate.reached;
    const asked = await scene.line.enter({ userId: undefined, signal, onPlace: () => {} });
    expect(scene.engine.requests[0]?.signal.aborted).toBe(true);
    expect(scene.proposals.posted).toEqual([]);
    asked[Symbol.dispose]();
    while (scene.proposals.posted.length === 0 || scene.clock.waiting > 0) {
      if (scene.clock.waiting > 0) await scene.clock.passWait();
      await settle();
    }
    expect(scene.proposals.posted).toHaveLength(1);
  });

  it("is learned from after a restart", async () => {
    const former = new Scene();
    const talk = await former.open();
    await former.say(talk, talk.ann, "I have two cats");
    await former.learner.close();
    const scene = new Scene(facts("Has two cats."), facts(), facts(), facts());
    scene.proposals.add(talk.place);
    await scene.learner.start();
    while (scene.proposals.posted.length === 0) {
      await scene.clock.passWait();
      await settle();
    }
    expect(scene.proposals.posted[0]?.person).toBe(talk.ann.id);
    await scene.learner.close();
  });

  it("brings nothing that they did not say, that is known, or that is no answer", async () => {
    for (const reply of [
      facts("Is a doctor."),
      facts("Keeps bees."),
      say("I think that Ann"),
      say('{"facts": [{"fact": "Has tw'),
    ]) {
      const scene = new Scene(reply);
      const talk = await scene.open();
      await store.notes.add({
        kind: "person",
        guildId: talk.guildId,
        placeId: undefined,
        parentId: undefined,
        persona: undefined,
        about: talk.ann.id,
        text: "Keeps bees in the garden",
        author: talk.ann,
      });
      await scene.say(talk, talk.ann, "I have two cats, and I keep bees");
      await scene.learnAll();
      expect(scene.engine.requests).toHaveLength(1);
      expect(scene.proposals.posted).toEqual([]);
      expect(await store.learning.undecided(talk.ann.id)).toEqual([]);
    }
  });

  it("changes only notes that are read in the same places", async () => {
    const scene = new Scene(
      say('{"facts":[{"fact":"Lives in Hamburg.","replaces":1}]}'),
      say('{"facts":[{"fact":"Lives in Hamburg.","replaces":1}]}'),
    );
    for (const isPrivate of [true, false]) {
      const talk = await scene.open();
      const place: Place = {
        kind: "thread",
        id: toChannelId(newId()),
        guildId: talk.guildId,
        parentId: talk.place.id,
        isPrivate,
      };
      scene.proposals.add(place);
      const conversation = await store.conversations.open({ place, isParticipant: true });
      await store.notes.add({
        kind: "person",
        guildId: talk.guildId,
        placeId: undefined,
        parentId: undefined,
        persona: undefined,
        about: talk.ann.id,
        text: "Lives in Berlin.",
        author: talk.ann,
      });
      await scene.say({ ...talk, conversation, place }, talk.ann, "I live in Hamburg now");
      await scene.learnAll();
    }
    const replaced = scene.proposals.posted.map(({ proposals: [first] }) => first?.replaces);
    expect(replaced).toEqual([undefined, "Lives in Berlin."]);
  });
});

describe("nobody is asked", () => {
  it("where the server has not turned it on, or the place cannot be seen", async () => {
    const scene = new Scene();
    const off = await scene.open();
    await scene.settings.change({ kind: "guild", id: off.guildId }, { learning: undefined });
    await scene.say(off, off.ann, "I have two cats");
    await scene.learn();
    expect(scene.engine.requests).toEqual([]);
    const unseen = await new Scene().open();
    await scene.say(unseen, unseen.ann, "I have two cats");
    await scene.learn();
    expect(scene.engine.requests).toEqual([]);
  });

  it("and nothing is kept, where the question cannot be posted", async () => {
    const scene = new Scene(facts("Has two cats."));
    const talk = await scene.open();
    scene.proposals.isWritable = false;
    await scene.say(talk, talk.ann, "I have two cats");
    await scene.learnAll();
    expect(await store.learning.undecided(talk.ann.id)).toEqual([]);
  });

  it("a fourth time in a row where it fails", async () => {
    const broken = [fail(new Error("broken"))];
    const scene = new Scene(broken, broken, broken);
    const talk = await scene.open();
    await scene.say(talk, talk.ann, "I have two cats");
    await scene.learn();
    await scene.learn();
    await scene.learn();
    expect(scene.clock.waiting).toBe(0);
    expect(scene.log.lines).toHaveLength(3);
  });
});

it("in direct messages, the person's consent is all that it takes", async () => {
  const scene = new Scene(facts("Has two cats."));
  const talk = await scene.open("direct");
  await scene.say(talk, talk.ann, "I have two cats");
  await scene.learnAll();
  expect(scene.proposals.posted).toHaveLength(1);
});

describe("a question", () => {
  async function ask(...texts: readonly string[]) {
    const scene = new Scene(facts(...texts));
    const talk = await scene.open();
    const said = await scene.say(talk, talk.ann, "I have two cats and one red bicycle");
    await scene.learnAll();
    const [message] = scene.proposals.posted;
    const ids = message?.proposals.map(({ id }) => id) ?? [];
    const by = { speaker: talk.ann, isModerator: false };
    const decide = (index: number) => ({ id: ids[index] ?? 0, place: talk.place, by });
    return { decide, scene, said, talk };
  }

  it("says what became of each fact, until all are decided", async () => {
    const { decide, scene, talk } = await ask("Has two cats.", "Has a red bicycle.");
    const note = await scene.learning.keep(decide(0));
    expect(note).toMatchObject({ text: "Has two cats.", placeId: undefined, author: talk.ann });
    await scene.learning.discard(decide(1));
    const states = scene.proposals.shown.map(({ proposals }) =>
      proposals.map(({ state }) => state),
    );
    expect(states).toEqual([
      ["kept", "pending"],
      ["kept", "discarded"],
    ]);
    await scene.learner.refresh();
    expect(scene.proposals.shown).toHaveLength(2);
  });

  it("is for the person alone", async () => {
    const { decide, scene, talk } = await ask("Has two cats.");
    const stranger = { id: toUserId(newId()), name: "Ben" };
    const decision = { ...decide(0), by: { speaker: stranger, isModerator: true } };
    await expect(scene.learning.keep(decision)).rejects.toMatchObject({
      problem: { kind: "proposal-foreign" },
    });
    await expect(scene.learning.discard(decision)).rejects.toMatchObject({
      problem: { kind: "proposal-foreign" },
    });
    expect(await store.learning.undecided(talk.ann.id)).toEqual(["Has two cats."]);
  });

  it("is decided once, and only where it stands", async () => {
    const { decide, scene } = await ask("Has two cats.");
    const elsewhere = { kind: "direct", id: toChannelId(newId()) } as const;
    await expect(scene.learning.keep({ ...decide(0), place: elsewhere })).rejects.toMatchObject({
      problem: { kind: "proposal-gone" },
    });
    await Promise.allSettled([scene.learning.keep(decide(0)), scene.learning.keep(decide(0))]);
    await expect(scene.learning.discard(decide(0))).rejects.toMatchObject({
      problem: { kind: "proposal-gone" },
    });
  });

  it("goes with the message that it rests on, also one deleted while it was posted", async () => {
    const { said, scene, talk } = await ask("Has two cats.");
    await store.conversations.forgetMessages(talk.place.id, [said]);
    await scene.learner.refresh();
    expect(scene.proposals.removed).toHaveLength(1);

    const late = new Scene(facts("Has two cats."));
    const other = await late.open();
    const messageId = await late.say(other, other.ann, "I have two cats");
    late.proposals.onPost = async () => {
      await store.conversations.forgetMessages(other.place.id, [messageId]);
    };
    await late.learnAll();
    expect(late.proposals.posted).toHaveLength(1);
    expect(late.proposals.removed).toHaveLength(1);
  });

  it("goes when the person no longer consents, and is not asked again", async () => {
    const { scene, talk } = await ask("Has two cats.");
    expect(await scene.learning.withdraw(talk.ann.id)).toBe(true);
    expect(scene.proposals.removed).toHaveLength(1);
    await scene.say(talk, talk.ann, "I have two cats, really");
    await scene.learn();
    expect(scene.engine.requests).toHaveLength(1);
    expect(await scene.learning.withdraw(talk.ann.id)).toBe(false);
  });

  it("says after a week that nothing was kept", async () => {
    const { scene, talk } = await ask("Has two cats.");
    const later = new Scene();
    later.clock.advance(8 * DAY_MS);
    await later.learner.start();
    while (later.proposals.shown.length === 0) await settle();
    const own = later.proposals.shown.find(({ person }) => person === talk.ann.id);
    expect(own?.proposals).toEqual([
      expect.objectContaining({ state: "expired", text: undefined }),
    ]);
    expect(scene.proposals.shown).toEqual([]);
    await later.learner.close();
  });

  it("that could not be changed is changed the next time", async () => {
    const { decide, scene } = await ask("Has two cats.");
    scene.proposals.outcome = "later";
    await scene.learning.discard(decide(0));
    scene.proposals.outcome = "done";
    await scene.learner.refresh();
    await scene.learner.refresh();
    expect(scene.proposals.shown).toHaveLength(2);
  });
});
