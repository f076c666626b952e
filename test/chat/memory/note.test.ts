import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isPrivatePlace,
  MAX_NOTE_LENGTH,
  toNoteText,
  toQuotingNote,
  toReach,
} from "../../../src/chat/memory/note.ts";
import { channel, direct, thread } from "../../support/turns.ts";

describe("the reach of a note", () => {
  const { guildId } = thread;
  const here = { guildId, placeId: thread.id, parentId: thread.parentId };
  const everywhere = { guildId, placeId: undefined, parentId: undefined };

  it("is the place alone, of a note about it", () => {
    expect(toReach("place", thread)).toEqual(here);
    expect(toReach("place", channel)).toEqual({
      ...here,
      placeId: channel.id,
      parentId: undefined,
    });
  });

  it("is the server, of a note about the persona that is made where everyone may come in", () => {
    expect(toReach("persona", channel)).toEqual(everywhere);
    expect(toReach("persona", { ...thread, isPrivate: false })).toEqual(everywhere);
  });

  it("is the thread, of a note about the persona that is made in private, or who knows", () => {
    expect(toReach("persona", { ...thread, isPrivate: true })).toEqual(here);
    expect(toReach("persona", thread)).toEqual(here);
    expect(isPrivatePlace(thread)).toBe(true);
  });

  it("is the server, of a note about a person", () => {
    expect(toReach("person", { ...thread, isPrivate: true })).toEqual(everywhere);
  });

  it("is never more than direct messages, of what is said there", () => {
    for (const kind of ["place", "persona", "person"] as const) {
      const reach = { guildId: undefined, placeId: direct.id, parentId: undefined };
      expect(toReach(kind, direct)).toEqual(reach);
    }
  });
});

describe("the text of a note", () => {
  it("has words, and no more of them than there may be", () => {
    expect(toNoteText(" Tea\n")).toBe("Tea");
    expect(() => toNoteText(" \n")).toThrow("note-empty");
    expect(() => toNoteText("x".repeat(MAX_NOTE_LENGTH + 1))).toThrow("note-too-long");
  });

  it("is a message's with its author, always short enough to be kept", () => {
    expect(toQuotingNote("Ada", " I like tea ")).toBe("Ada: I like tea");
    const said = string({ unit: "grapheme", minLength: 1, maxLength: 1_200 });
    assert(
      property(said, (words) => {
        const text = toQuotingNote("Ada", words);
        expect(toNoteText(text)).toBe(text.trim());
        expect(text).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });
});
