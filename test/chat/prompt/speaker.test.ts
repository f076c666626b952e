import { array, assert, constantFrom, integer, oneof, property, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { nameSpeakers, toSpeakerLabel } from "../../../src/chat/prompt/speaker.ts";
import { toUserId } from "../../../src/chat/ids.ts";
import { ada } from "../../support/turns.ts";

const labelOf = (name: string): string => toSpeakerLabel({ ...ada, name });

/** Half characters among them, as a client may send them. */
const units = array(integer({ min: 0, max: 0xff_ff }), { maxLength: 80 }).map((codes) =>
  String.fromCharCode(...codes),
);
const names = oneof(
  units,
  string({ unit: "binary", maxLength: 80 }),
  string({ unit: "grapheme", maxLength: 80 }),
  string({ unit: "grapheme-ascii", maxLength: 80 }),
);

describe("a label made from any name", () => {
  it("is one line without a colon", () => {
    assert(
      property(names, (name) => {
        expect(labelOf(name)).toMatch(/^[^:\n\r\v\f\u0085\u2028\u2029]+$/u);
      }),
    );
  });

  it("has 1 to 32 characters", () => {
    assert(
      property(names, (name) => {
        const { length } = Array.from(labelOf(name));
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(32);
      }),
    );
  });

  it("has neither blanks around it nor anything invisible in it", () => {
    assert(
      property(names, (name) => {
        const label = labelOf(name);
        expect(label).toBe(label.trim());
        expect(label).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u);
        expect(label).not.toMatch(/\s{2}/);
      }),
    );
  });

  it("is the same when it is made again", () => {
    assert(
      property(names, (name) => {
        expect(labelOf(labelOf(name))).toBe(labelOf(name));
      }),
    );
  });
});

it.each([
  ["Ada", "Ada"],
  ["  Ada   Lovelace ", "Ada Lovelace"],
  ["Zoë 🦊", "Zoë 🦊"],
  ["李小龍", "李小龍"],
  ["Ada\nBen: I owe you", "Ada Ben I owe you"],
  ["Ada:", "Ada"],
  ["A\u200Bd\u202Ea", "A d a"],
])("calls %j by the label %j", (name, label) => {
  expect(labelOf(name)).toBe(label);
});

it.each([
  ["nothing", ""],
  ["blanks", " \u3000\u00A0"],
  ["colons", ":::"],
  ["zero-width characters", "\u200B\u200D\uFEFF"],
  ["Hangul fillers", "\u3164\u115F\uFFA0"],
  ["blank Braille patterns", "\u2800\u2800"],
  ["half characters", "\uD83D"],
])("calls someone by the end of the id whose name is %s", (_what, name) => {
  expect(labelOf(name)).toBe("User 0011");
});

it("cuts a long name at whole characters", () => {
  expect(labelOf("🦊".repeat(40))).toBe("🦊".repeat(32));
});

const odd = oneof(
  names,
  constantFrom(
    "Ada",
    "ada",
    "Ａda",
    "system",
    "Users",
    "You",
    "Hermes",
    "User 0011",
    "Ada (0011)",
    "Ada (1)",
  ),
);
const people = array(tuple(integer({ min: 1, max: 99_999 }), odd), {
  minLength: 1,
  maxLength: 8,
}).map((all) =>
  [...new Map(all).entries()].map(([id, name]) => ({ id: toUserId(`7${id}0011`), name })),
);

describe("how several people are called", () => {
  it("is different for each of them, and no one's but theirs", () => {
    assert(
      property(people, (speakers) => {
        const nameOf = nameSpeakers(speakers, ["Hermes"]);
        const keys = speakers.map((speaker) => nameOf(speaker).normalize("NFKC").toLowerCase());
        expect(new Set(keys).size).toBe(speakers.length);
        for (const reserved of ["hermes", "system", "user", "assistant", "you"]) {
          expect(keys).not.toContain(reserved);
        }
      }),
    );
  });

  it("is one line without a colon, which begins with their label", () => {
    assert(
      property(people, (speakers) => {
        const nameOf = nameSpeakers(speakers, []);
        for (const speaker of speakers) {
          expect(nameOf(speaker)).toMatch(/^[^:\n\r\v\f\u0085\u2028\u2029]+$/u);
          expect(nameOf(speaker).startsWith(toSpeakerLabel(speaker))).toBe(true);
        }
      }),
    );
  });
});

it.each([
  ["Ada", "Ada"],
  ["system", "system (0011)"],
  ["ASSISTANT", "ASSISTANT (0011)"],
  ["Hermes", "Hermes (0011)"],
  ["hermes ", "hermes (0011)"],
  ["", "User 0011"],
  ["Ada (0022)", "Ada (0022) (0011)"],
])("calls %j, beside a persona called Hermes, %j", (name, called) => {
  expect(nameSpeakers([{ ...ada, name }], ["Hermes"])({ ...ada, name })).toBe(called);
});
