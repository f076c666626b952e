import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Controller } from "../../../src/chat/control/assert-control.ts";
import type { RowId } from "../../../src/chat/conversation.ts";
import type { Note } from "../../../src/chat/memory/note.ts";
import type { NoteReading } from "../../../src/chat/memory/note-store.ts";
import { mayEdit, mayForget, Notes } from "../../../src/chat/memory/notes.ts";
import { CountingEngine } from "../../support/counting-engine.ts";
import { silentLog } from "../../support/database-log.ts";
import { createGate } from "../../support/scripted-engine.ts";
import { noteOf } from "../../support/notes.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { ada, ben, conversationWith, thread, turnAt } from "../../support/turns.ts";

const asAda: Controller = { speaker: ada, isModerator: false };
const asBen: Controller = { speaker: ben, isModerator: false };
const asModerator: Controller = { speaker: ben, isModerator: true };

class Scene {
  readonly engine = new CountingEngine();
  readonly readings: NoteReading[] = [];
  readonly notes: Notes;
  readers: () => Promise<readonly RowId[]> = async () => [7, 8];
  hasRoom = true;
  underWay: Promise<void> | undefined;

  constructor(present: readonly Note[]) {
    const conversations = new RecordingConversations([turnAt(1), turnAt(2, { speaker: ben })]);
    conversations.conversation = conversationWith();
    const store = {
      add: async () => (this.hasRoom ? noteOf("Added") : undefined),
      read: async (reading: NoteReading) => {
        this.readings.push(reading);
        return present;
      },
      edit: async () => true,
      remove: async () => true,
      readersOf: () => this.readers(),
    };
    this.notes = new Notes({
      conversations,
      engine: this.engine,
      log: silentLog,
      notes: store,
      personas: { effective: async () => undefined },
      privacy: { hasOptedOut: async () => false },
      repliesUnderWay: () => this.underWay,
    });
  }
}

describe("notes", () => {
  it("are changed by their author and by whom they are about, forgotten by moderators too", () => {
    const written = noteOf("Ben likes tea", { about: ben.id });
    const foreign = noteOf("Tea");
    expect([asAda, asBen].map((by) => mayEdit(written, by))).toEqual([true, true]);
    expect(mayEdit(foreign, asBen)).toBe(false);
    expect([asAda, asBen, asModerator].map((by) => mayForget(foreign, by))).toEqual([
      true,
      false,
      true,
    ]);
    expect(mayEdit(foreign, asModerator)).toBe(false);
  });

  it("about others are seen by moderators alone, of those who are in view", async () => {
    const { notes, readings } = new Scene([]);
    await notes.list({ place: thread, by: asBen });
    await notes.list({ place: thread, by: asModerator });
    expect(readings.map(({ owner, people }) => [owner, people])).toEqual([
      [ben.id, [ben.id]],
      [ben.id, [ben.id, ada.id]],
    ]);
  });

  it("go once more when the replies have ended that were being written, and hold up nobody", async () => {
    const note = noteOf("Tea");
    const scene = new Scene([note]);
    const gate = createGate();
    scene.underWay = gate.opened;
    await scene.notes.forgetEvaluated(note);
    expect(scene.engine.forgotten.map(({ conversationId }) => conversationId)).toEqual([7, 8]);
    gate.open();
    await settle();
    expect(scene.engine.forgotten.map(({ conversationId }) => conversationId)).toEqual([
      7, 8, 7, 8,
    ]);
  });

  it("leave what every engine has kept of their readers when they change or go", async () => {
    const note = noteOf("Tea");
    const { engine, notes } = new Scene([note]);
    const request = { place: thread, by: asAda };
    await notes.edit(request, note.id, " Tea ");
    expect(engine.forgotten).toEqual([]);
    await notes.edit(request, note.id, "Coffee");
    const both = [7, 8].map((conversationId) => ({ conversationId, remaining: undefined }));
    expect(engine.forgotten).toEqual(both);
    await notes.forget(request, note.id);
    expect(engine.forgotten).toEqual([...both, ...both]);
  });

  it("are gone also where the engine cannot be told", async () => {
    const note = noteOf("Tea");
    const scene = new Scene([note]);
    scene.readers = () => Promise.reject(new Error("The database is away"));
    const request = { place: thread, by: asAda };
    expect(await scene.notes.forget(request, note.id)).toBe(note);
  });

  it("are refused where there are too many, or nothing is in them", async () => {
    const scene = new Scene([]);
    const request = { place: thread, by: asAda, kind: "place" } as const;
    await expect(scene.notes.remember({ ...request, text: " " })).rejects.toThrow("note-empty");
    scene.hasRoom = false;
    await expect(scene.notes.remember({ ...request, text: "Tea" })).rejects.toThrow("too-many");
  });
});
