/** A text of a card: its name in the specifications, and what older programs called it. */
interface TextField {
  readonly name: string;
  readonly olderNames: readonly string[];
}

export const TEXT_FIELDS = {
  name: { name: "name", olderNames: ["char_name"] },
  nickname: { name: "nickname", olderNames: [] },
  description: { name: "description", olderNames: ["char_persona", "context"] },
  personality: { name: "personality", olderNames: [] },
  scenario: { name: "scenario", olderNames: ["world_scenario"] },
  systemPrompt: { name: "system_prompt", olderNames: [] },
  greeting: { name: "first_mes", olderNames: ["char_greeting", "greeting"] },
  exampleDialogue: { name: "mes_example", olderNames: ["example_dialogue"] },
  postHistoryInstructions: { name: "post_history_instructions", olderNames: [] },
  creatorNotes: { name: "creator_notes", olderNames: ["creatorcomment"] },
  creator: { name: "creator", olderNames: [] },
  version: { name: "character_version", olderNames: [] },
} as const satisfies Readonly<Record<string, TextField>>;

export type TextFieldKey = keyof typeof TEXT_FIELDS;

/** Every field that a card is written with; what V1 had beside `data` moves into it. */
export const CARD_FIELD_NAMES: ReadonlySet<string> = new Set([
  ...Object.values(TEXT_FIELDS).map(({ name }) => name),
  "alternate_greetings",
  "tags",
  "character_book",
  "extensions",
]);
