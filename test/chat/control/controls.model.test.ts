import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Controller } from "../../../src/chat/control/assert-control.ts";
import { toChannelId, toGuildId, toMessageId } from "../../../src/chat/ids.ts";
import type { ChannelId } from "../../../src/chat/ids.ts";
import { ControlsWorld, newId } from "../../support/controls-world.ts";
import { provideStore } from "../../support/provide-store.ts";
import { inParts } from "../../support/shown-places.ts";
import { ada } from "../../support/turns.ts";
import type { Store } from "../../../src/store/open-store.ts";
import {
  activeOf,
  ControlsModel,
  copyOf,
  lastReplyOf,
  newReply,
  nextReply,
  textOf,
} from "./controls-model.ts";
import type { ModelPlace, ModelTurn } from "./controls-model.ts";

const by: Controller = { speaker: ada, isModerator: true };
const guildId = toGuildId("100000000000000001");

let store: Store;

provideStore("PGlite", (provided) => {
  ({ store } = provided);
});

function newThread(): ModelPlace["place"] {
  const parentId = toChannelId("100000000000000003");
  return { kind: "thread", id: toChannelId(newId()), guildId, parentId };
}

async function assertSame(
  { places }: ControlsModel,
  { errors, shown }: ControlsWorld,
): Promise<void> {
  for (const { place, turns } of places) {
    const conversation = await store.conversations.find(place.id);
    if (conversation === undefined) continue;
    const stored = await store.conversations.view(conversation);
    expect(stored.map(({ role, text }) => [role, text])).toEqual(
      turns.map((turn) => [turn.role, textOf(turn)]),
    );
    const parts = turns.flatMap((turn) =>
      turn.role === "assistant" && !turn.isCopied ? activeOf(turn).parts : [],
    );
    expect(shown.in(place).map(({ text }) => text)).toEqual(parts);
    const controlled = shown.in(place).filter(({ controls }) => controls !== undefined);
    expect(controlled.length).toBeLessThanOrEqual(1);
    const last = await store.replies.last(conversation.id);
    const model = lastReplyOf({ place, turns });
    expect(last?.variants.map(({ isActive }) => isActive)).toEqual(
      model?.variants.map((_, index) => index === model.active),
    );
  }
  expect([errors, shown.apologies]).toEqual([[], []]);
}

interface Step {
  readonly name: string;
  readonly canRun: (place: ModelPlace, seed: number) => boolean;
  readonly run: (model: ControlsModel, world: ControlsWorld, step: StepRun) => Promise<void>;
}

interface StepRun {
  readonly at: ModelPlace;
  readonly seed: number;
}

class Command implements fc.AsyncCommand<ControlsModel, ControlsWorld> {
  readonly #step: Step;
  readonly #place: number;
  readonly #seed: number;

  constructor(step: Step, place: number, seed: number) {
    this.#step = step;
    this.#place = place;
    this.#seed = seed;
  }

  check(model: ControlsModel): boolean {
    return this.#step.canRun(model.placeAt(this.#place), this.#seed);
  }

  async run(model: ControlsModel, world: ControlsWorld): Promise<void> {
    const at = model.placeAt(this.#place);
    await this.#step.run(model, world, { at, seed: this.#seed });
    await assertSame(model, world);
  }

  toString(): string {
    return `${this.#step.name}(place ${this.#place}, ${this.#seed})`;
  }
}

const isOwn = (turn: ModelTurn) => turn.role === "assistant" && !turn.isCopied;
const hasReply = (place: ModelPlace): boolean => lastReplyOf(place) !== undefined;

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("There is none");
  return value;
}

const hear: Step = {
  name: "hear",
  canRun: () => true,
  async run(model, world, { at, seed }) {
    const messageId = toMessageId(newId());
    const text = `said ${seed}`;
    at.turns.push({ role: "user", messageId, text }, newReply(nextReply(model)));
    const said = {
      id: messageId,
      place: at.place,
      saidAt: new Date(),
      author: ada,
      authorRoles: [],
      text,
      isFromPerson: true,
    };
    await world.untilReplied(() =>
      world.familiar.hear({ ...said, mentionsFamiliar: true, repliesToFamiliar: false }),
    );
  },
};

const regenerate: Step = {
  name: "regenerate",
  canRun: hasReply,
  async run(model, world, { at: { place, turns } }) {
    const last = required(lastReplyOf({ place, turns }));
    last.variants.push(nextReply(model));
    last.active = last.variants.length - 1;
    last.isCopied = false;
    await world.untilReplied(() => world.familiar.controls.regenerate({ place, by }));
  },
};

const switchVariant: Step = {
  name: "switch",
  canRun: (place, seed) => targetOf(place, seed) !== undefined,
  async run(_model, { familiar }, { at, seed }) {
    const last = required(lastReplyOf(at));
    const target = required(targetOf(at, seed));
    const step = target > last.active ? 1 : -1;
    last.active = target;
    const shown = activeOf(last);
    shown.parts = inParts(shown.parts.join(""));
    await familiar.controls.step({ place: at.place, by }, step);
  },
};

function targetOf(place: ModelPlace, seed: number): number | undefined {
  const last = lastReplyOf(place);
  const target = (last?.active ?? 0) + (seed % 2 === 0 ? 1 : -1);
  return last?.variants[target] === undefined ? undefined : target;
}

const goOn: Step = {
  name: "go on",
  canRun: (place) => {
    const last = lastReplyOf(place);
    return last !== undefined && activeOf(last).isCut;
  },
  async run(model, world, { at: { place, turns } }) {
    const last = required(lastReplyOf({ place, turns }));
    const shown = activeOf(last);
    const next = nextReply(model);
    shown.parts = inParts(shown.parts.join("") + next.parts.join(""));
    shown.isCut = next.isCut;
    last.isCopied = false;
    await world.untilReplied(() => world.familiar.controls.goOn({ place, by }));
  },
};

const deleteReply: Step = {
  name: "delete the reply",
  canRun: hasReply,
  async run(_model, { familiar }, { at }) {
    const last = lastReplyOf(at);
    at.turns = at.turns.filter((turn) => turn !== last);
    await familiar.controls.deleteReply({ place: at.place, by });
  },
};

const undo: Step = {
  name: "undo",
  canRun: ({ turns }) => turns.length > 0,
  async run(_model, { familiar }, { at }) {
    const hadReply = at.turns.at(-1)?.role === "assistant";
    if (hadReply) at.turns.pop();
    while (at.turns.at(-1)?.role === "user") at.turns.pop();
    await familiar.controls.undo({ place: at.place, by });
  },
};

const fork: Step = {
  name: "fork",
  canRun: ({ turns }) => turns.some((turn) => turn.role === "user"),
  async run(model, world, { at, seed }) {
    const users = at.turns.filter((turn) => turn.role === "user");
    const from = required(users[seed % users.length]);
    const turns = at.turns.slice(0, at.turns.indexOf(from) + 1).map(copyOf);
    const place = newThread();
    model.places.push({ place, turns: [...turns, newReply(nextReply(model))] });
    const { controls } = world.familiar;
    const request = { place: at.place, by, messageId: from.messageId };
    const turnId = await controls.turnToFork(request);
    await world.untilReplied(() => controls.fork(place, turnId, by));
  },
};

const forkReply: Step = {
  name: "fork at the reply",
  canRun: hasReply,
  async run(model, { familiar }, { at }) {
    const last = required(lastReplyOf(at));
    const place = newThread();
    const turns = at.turns.slice(0, at.turns.indexOf(last) + 1).map(copyOf);
    model.places.push({ place, turns });
    const turnId = await familiar.controls.turnToFork({ place: at.place, by });
    await familiar.controls.fork(place, turnId, by);
  },
};

function findSaid(place: ModelPlace, seed: number) {
  const users = place.turns.filter((turn) => turn.role === "user");
  return users[seed % Math.max(1, users.length)];
}

const edit: Step = {
  name: "edit",
  canRun: (place, seed) => findSaid(place, seed) !== undefined,
  async run(model, { familiar }, { at, seed }) {
    const { messageId } = required(findSaid(at, seed));
    const text = `edited ${seed}`;
    for (const turn of model.places.flatMap(({ turns }) => turns)) {
      if (turn.role === "user" && turn.messageId === messageId) turn.text = text;
    }
    await familiar.revise(originOf(messageId), messageId, async () => text);
  },
};

const takeBack: Step = {
  name: "delete a message",
  canRun: (place, seed) => findSaid(place, seed) !== undefined,
  async run(model, { familiar }, { at, seed }) {
    const { messageId } = required(findSaid(at, seed));
    for (const place of model.places) {
      place.turns = place.turns.filter(
        (turn) => turn.role !== "user" || turn.messageId !== messageId,
      );
    }
    await familiar.forgetMessages(originOf(messageId), [messageId]);
  },
};

/** All forks come from the first place, and people speak in each. */
const origins = new Map<string, ChannelId>();

function originOf(messageId: string): ChannelId {
  return required(origins.get(messageId));
}

const deletePart: Step = {
  name: "delete a part",
  canRun: ({ turns }) => turns.some(isOwn),
  async run(_model, { shown }, { at, seed }) {
    const messages = shown.in(at.place);
    const index = seed % messages.length;
    let start = 0;
    for (const turn of at.turns) {
      if (turn.role !== "assistant" || turn.isCopied) continue;
      const { parts } = activeOf(turn);
      if (index < start + parts.length) {
        parts.splice(index - start, 1);
        if (parts.length === 0) at.turns = at.turns.filter((other) => other !== turn);
        break;
      }
      start += parts.length;
    }
    await shown.remove(at.place, [required(messages[index]).id]);
  },
};

const say: Step = {
  name: "say",
  canRun: () => true,
  async run(_model, { familiar }, { at, seed }) {
    const text = `by a moderator ${seed}`;
    at.turns.push(newReply({ parts: inParts(text), isCut: false }));
    await familiar.controls.say({ place: at.place, by }, text);
  },
};

const steps = [
  hear,
  regenerate,
  switchVariant,
  goOn,
  deleteReply,
  undo,
  fork,
  forkReply,
  edit,
  takeBack,
  deletePart,
  say,
];

/** Remembers where each message was said. */
const hearAndRemember: Step = {
  ...hear,
  async run(model, world, step) {
    await hear.run(model, world, step);
    for (const turn of step.at.turns) {
      if (turn.role === "user" && !origins.has(turn.messageId)) {
        origins.set(turn.messageId, step.at.place.id);
      }
    }
  },
};

it("keeps one variant a turn active, and the history what people see, whatever they do", async () => {
  const commands = steps.map((step) =>
    fc
      .tuple(fc.nat(7), fc.nat(99))
      .map(([place, seed]) => new Command(step === hear ? hearAndRemember : step, place, seed)),
  );
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "max" }), async (run) => {
      await fc.asyncModelRun(() => {
        const model = new ControlsModel();
        model.places.push({ place: newThread(), turns: [] });
        return { model, real: new ControlsWorld(store) };
      }, run);
    }),
    { numRuns: 15, endOnFailure: false },
  );
}, 300_000);
