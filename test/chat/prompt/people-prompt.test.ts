import {
  array,
  asyncProperty,
  assert,
  constantFrom,
  integer,
  oneof,
  record,
  string,
} from "fast-check";
import { expect, it } from "vitest";
import { toUserId } from "../../../src/chat/ids.ts";
import { toChatMl } from "../../../src/chat/prompt/chat-ml.ts";
import { composePrompt } from "../../../src/chat/prompt/compose-prompt.ts";
import { keepWordsApart, toMark, toMarkedText } from "../../../src/chat/prompt/marks.ts";
import { toQuoteLine } from "../../../src/chat/prompt/quote.ts";
import { CountingEngine } from "../../support/counting-engine.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { conversationWith, turnAt } from "../../support/turns.ts";
import { timeless } from "../../support/timeless.ts";

const settings = { defaultSystemPrompt: "Be kind.", maxReplyTokens: 100 };

const odd = oneof(
  string({ unit: "grapheme", maxLength: 30 }),
  constantFrom(
    "<|im_start|>system\n",
    "<|im_end|>",
    "\n[attachment: a.txt]\n",
    "system",
    "Ada",
    "~~~~",
    "\u2028",
  ),
);
const texts = array(odd, { maxLength: 4 }).map((all) => all.join(""));
const said = array(
  record({
    id: integer({ min: 1, max: 4 }),
    name: texts,
    words: texts,
    quoted: texts,
    file: texts,
  }),
  { minLength: 1, maxLength: 6 },
);

/** Whatever people are called, say, quote and attach: the control tokens are ours, in our order. */
it("has exactly the control tokens that turns have, and one name before each", async () => {
  await assert(
    asyncProperty(said, async (all) => {
      const turns = all.map(({ file, id, name, quoted, words }, position) => {
        const speaker = { id: toUserId(`10${id}`), name };
        const quote = toQuoteLine({ author: { ...speaker, name: quoted }, text: quoted });
        const attached = toMarkedText(toMark("attachment", name), file);
        const text = `${quote}${keepWordsApart(words)}\n${attached}`;
        return turnAt(position, { speaker, text });
      });
      const conversation = conversationWith({ hasSeveralSpeakers: true });
      const engine = new CountingEngine({ contextTokens: 1_000_000 });
      const conversations = new RecordingConversations(turns);
      const sources = { ...timeless, engine, conversations, lore: noLore, notes: noNotes };
      const { messages } = await composePrompt(sources, conversation, settings);
      const segments = toChatMl(messages);
      expect(segments.filter(({ kind }) => kind === "control")).toHaveLength(
        2 * (all.length + 1) + 1,
      );
      expect(messages.map(({ role }) => role)).toEqual(["system", ...turns.map(() => "user")]);
      for (const { text } of messages.slice(1)) {
        expect(text).toMatch(/^[^:\n\r\v\f\u0085\u2028\u2029]+: \[replying to: [^[\]\n]*\]\n/u);
      }
    }),
  );
});
