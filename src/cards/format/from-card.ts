import type { Card, JsonObject } from "../card.ts";
import { CARD_FIELD_NAMES } from "./field-names.ts";
import { fromLorebook } from "./from-lorebook.ts";
import { omit, toObject } from "./lenient.ts";

export type CardVersion = "v2" | "v3";

const SPECIFICATIONS = {
  v2: { spec: "chara_card_v2", spec_version: "2.0" },
  v3: { spec: "chara_card_v3", spec_version: "3.0" },
} as const satisfies Record<CardVersion, JsonObject>;

const NESTED: ReadonlySet<string> = new Set(["spec", "spec_version", "data"]);

/** The original with the card's fields put in place; whatever else it held stays where it was. */
export function fromCard(card: Card, version: CardVersion): JsonObject {
  const { source } = card;
  const data = toObject(source["data"]);
  return {
    ...SPECIFICATIONS[version],
    ...omit(omit(source, CARD_FIELD_NAMES), NESTED),
    data: {
      ...(version === "v3" ? { group_only_greetings: [] } : {}),
      ...omit(data, CARD_FIELD_NAMES),
      ...fromTexts(card),
      alternate_greetings: card.alternateGreetings,
      tags: card.tags,
      extensions: { ...toObject(source["extensions"]), ...toObject(data["extensions"]) },
      ...(card.lorebook === undefined ? {} : { character_book: fromLorebook(card.lorebook) }),
    },
  };
}

function fromTexts(card: Card): JsonObject {
  return {
    name: card.name,
    ...(card.nickname === undefined ? {} : { nickname: card.nickname }),
    description: card.description,
    personality: card.personality,
    scenario: card.scenario,
    system_prompt: card.systemPrompt,
    first_mes: card.greeting,
    mes_example: card.exampleDialogue,
    post_history_instructions: card.postHistoryInstructions,
    creator_notes: card.creatorNotes,
    creator: card.creator,
    character_version: card.version,
  };
}
