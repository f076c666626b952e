import fc from "fast-check";
import { expect, it } from "vitest";
import type { ChatFile, ChatFileMessage, ReadChatFile } from "../../src/chat-files/chat-file.ts";
import { readChatFile } from "../../src/chat-files/read-chat-file.ts";
import { writeChatFile } from "../../src/chat-files/write-chat-file.ts";
import { InvalidInput } from "../../src/chat/problem.ts";

const MUTATIONS = 2_000;

const anyText = fc.string({ minLength: 1, maxLength: 60, unit: "binary" });
const anyName = fc
  .oneof(fc.constantFrom("Ada", "Mia", 'Bob: "x"'), anyText)
  .filter((name) => name !== "unused");

const anyMessage: fc.Arbitrary<ChatFileMessage> = fc
  .record({
    name: anyName,
    by: fc.constantFrom("user" as const, "character" as const, "hidden" as const),
    texts: fc.array(anyText, { minLength: 1, maxLength: 5 }),
    pick: fc.nat(),
    sentAt: fc.option(
      fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }),
      { nil: undefined },
    ),
  })
  .map(({ by, name, pick, sentAt, texts }) => {
    return { name, by, texts, shown: pick % texts.length, sentAt };
  });

const anyChat: fc.Arbitrary<ChatFile> = fc.record({
  userName: anyName,
  characterName: anyName,
  messages: fc.array(anyMessage, { minLength: 1, maxLength: 12 }),
});

it("reads what it wrote, and loses nothing", () => {
  const property = fc.property(anyChat, (chat) => {
    const written = new TextEncoder().encode(writeChatFile(chat));
    expect(readChatFile(written)).toEqual({ ...chat, badLines: 0 });
  });
  fc.assert(property, { numRuns: 300 });
});

/** A change anywhere: bytes overwritten, cut out, doubled, or a stretch of the file again. */
const anyMutation = fc.record({
  kind: fc.constantFrom(...(["overwrite", "cut", "double", "insert"] as const)),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 80 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }),
});

type Mutation = typeof anyMutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, { at: where, bytes: fresh, kind, length }: Mutation) {
  const at = bytes.length === 0 ? 0 : where % bytes.length;
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const mutated = {
    overwrite: [before, fresh, after.subarray(fresh.length)],
    cut: [before, after.subarray(length)],
    double: [before, after.subarray(0, length), after],
    insert: [before, fresh, after],
  };
  return Buffer.concat(mutated[kind]);
}

/** The error of a file that is refused; all others break the test. */
function readOrRefuse(bytes: Uint8Array): ReadChatFile | InvalidInput {
  try {
    return readChatFile(bytes);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}

it("makes a chat or an error of any file, and neither hangs nor breaks", () => {
  const property = fc.property(
    anyChat,
    fc.array(anyMutation, { minLength: 1, maxLength: 4 }),
    (chat, mutations) => {
      const whole: Uint8Array = new TextEncoder().encode(writeChatFile(chat));
      const read = readOrRefuse(mutations.reduce(mutate, whole));
      const messages = read instanceof InvalidInput ? [] : read.messages;
      expect(messages.filter(({ shown, texts }) => (texts[shown] ?? "") === "")).toEqual([]);
    },
  );
  fc.assert(property, { numRuns: MUTATIONS });
});

it.each([
  ["brackets without an end", "[".repeat(900_000)],
  ["objects without an end", '{"a":'.repeat(180_000)],
  ["numbers without an end", "9".repeat(900_000)],
  ["many damaged lines", "{x\n".repeat(1_000_000)],
  ["many empty lines", "\n".repeat(5_000_000)],
  ["a long date", JSON.stringify({ mes: "x", send_date: "1-".repeat(400_000) })],
  ["many swipes", JSON.stringify({ mes: "x", swipes: Array.from({ length: 250_000 }, () => "") })],
])("reads or refuses %s at once", (_, text) => {
  const begun = performance.now();
  readOrRefuse(new TextEncoder().encode(text));
  expect(performance.now() - begun).toBeLessThan(2_000);
});
