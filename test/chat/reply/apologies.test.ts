import { expect, it } from "vitest";
import { FamiliarError } from "../../../src/chat/errors.ts";
import { toChannelId } from "../../../src/chat/ids.ts";
import type { Place } from "../../../src/chat/place.ts";
import { Apologies } from "../../../src/chat/reply/apologies.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { channel, direct, saidMessage, thread } from "../../support/turns.ts";

const away = new FamiliarError("store-unreachable", "The database is away");
const MINUTE = 60_000;

function createScene() {
  const clock = new HandClock();
  const log = new RecordingLog();
  const told: string[] = [];
  const surface = { apologise: async ({ id }: Place) => void told.push(id) };
  return { apologies: new Apologies({ clock, log, surface }), clock, log, told };
}

it.each([
  ["in direct messages", { place: direct }, true],
  ["that mentions it", { place: channel, mentionsFamiliar: true }, true],
  ["that replies to it", { place: channel, repliesToFamiliar: true }, true],
  ["that may be to anyone", { place: channel }, false],
  ["in a thread of which nothing is known", { place: thread }, false],
  ["of no person", { place: direct, isFromPerson: false }, false],
  ["without words", { place: direct, text: "" }, false],
])("are made only where that is certain: for a message %s", async (_, said, isTold) => {
  const { apologies, log, told } = createScene();
  await apologies.forUnheard(saidMessage(said), away);
  expect(told).toHaveLength(isTold ? 1 : 0);
  expect(log.lines).toHaveLength(1);
});

it("are made once in three minutes in a place, a failed reply's included", async () => {
  const { apologies, clock, told } = createScene();
  await apologies.forReply(direct, away);
  await apologies.forUnheard(saidMessage({ place: direct }), away);
  await apologies.forUnheard(saidMessage({ place: channel, mentionsFamiliar: true }), away);
  expect(told).toEqual([direct.id, channel.id]);
  clock.advance(3 * MINUTE);
  await apologies.forUnheard(saidMessage({ place: direct }), away);
  expect(told).toEqual([direct.id, channel.id, direct.id]);
});

it("are made where all that is said was answered within the hour", async () => {
  const { apologies, clock, told } = createScene();
  const other = { ...thread, id: toChannelId("100000000000000005") };
  apologies.noteHeard(thread, { answersAll: true });
  apologies.noteHeard(other, { answersAll: true });
  apologies.noteHeard(channel, { answersAll: false });
  await apologies.forUnheard(saidMessage({ place: thread }), away);
  await apologies.forUnheard(saidMessage({ place: channel }), away);
  clock.advance(60 * MINUTE);
  await apologies.forUnheard(saidMessage({ place: other }), away);
  expect(told).toEqual([thread.id]);
});

it("are made in no place where a person has had it listen to calls alone", async () => {
  const { apologies, told } = createScene();
  apologies.noteHeard(thread, { answersAll: true });
  apologies.noteHeard(thread, { answersAll: false });
  await apologies.forUnheard(saidMessage({ place: thread }), away);
  expect(told).toEqual([]);
});
