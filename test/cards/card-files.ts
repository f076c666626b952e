import { Buffer } from "node:buffer";
import type { Card } from "../../src/cards/card.ts";
import { base64, iTXt, png, pngOf, tEXt, zip, zTXt } from "./card-containers.ts";

export interface SoundFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly expected: Partial<Card>;
}

export const V1 = {
  name: "Aqua",
  description: "{{char}} is a goddess of water.\nShe cries a lot.",
  personality: "proud, silly",
  scenario: "An inn.",
  first_mes: "Hello, {{user}}!",
  mes_example: "<START>\n{{user}}: Hi\n{{char}}: Bow!",
};

export const BOOK = {
  name: "World",
  scan_depth: 3,
  token_budget: 500,
  recursive_scanning: true,
  extensions: { depth: { deep: [1, 2] } },
  entries: [
    {
      keys: ["Axel", "town"],
      content: "Axel is a town of beginners.",
      extensions: { "someone/else": true },
      enabled: true,
      insertion_order: 7,
      id: 3,
      priority: 10,
      position: "before_char",
      unknown_field: "kept",
    },
  ],
};

export const V2 = {
  spec: "chara_card_v2",
  spec_version: "2.0",
  data: {
    ...V1,
    creator_notes: "Be kind.",
    system_prompt: "You are {{char}}. {{original}}",
    post_history_instructions: "Stay silly.",
    alternate_greetings: ["Morning!", "Evening!"],
    tags: ["water", "fun"],
    creator: "Someone",
    character_version: "1.2",
    extensions: { talkativeness: "0.5", "agnai/voice": { service: "none" } },
    character_book: BOOK,
  },
};

export const V3 = {
  spec: "chara_card_v3",
  spec_version: "3.0",
  data: {
    ...V2.data,
    nickname: "Aq",
    assets: [{ type: "icon", uri: "ccdefault:", name: "main", ext: "png" }],
    creator_notes_multilingual: { de: "Sei nett." },
    source: ["https://cards.example/1"],
    group_only_greetings: ["All: hello"],
    creation_date: 1_700_000_000,
  },
};

const BOTH_VERSIONS: Partial<Card> = {
  name: "Aqua",
  description: V1.description,
  greeting: V1.first_mes,
  exampleDialogue: V1.mes_example,
  systemPrompt: V2.data.system_prompt,
  postHistoryInstructions: "Stay silly.",
  alternateGreetings: ["Morning!", "Evening!"],
  tags: ["water", "fun"],
  creator: "Someone",
  version: "1.2",
  creatorNotes: "Be kind.",
};

export const PIXEL = png();
export const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, ...Buffer.from("JFIF\0picture")]);
const GERMAN = { ...V1, name: "Käthe", description: "Grüße aus Köln" };

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function wide(value: unknown, isBigEndian: boolean, mark = "\uFEFF"): Buffer {
  const bytes = Buffer.from(`${mark}${JSON.stringify(value)}`, "utf16le");
  return isBigEndian ? bytes.swap16() : bytes;
}

export function flat(fields: object): Buffer {
  return json({ ...V1, ...fields });
}

function nested(fields: object): Buffer {
  return json({ ...V2, data: { ...V2.data, ...fields } });
}

export function charx(card: unknown, path = "card.json"): Buffer {
  return zip(
    { name: path, data: json(card) },
    { name: "assets/icon/images/main.png", data: PIXEL },
  );
}

function withIcon(uri: string): object {
  const assets = [
    { type: "background", uri: "embeded://other.png", name: "main", ext: "png" },
    { type: "icon", uri, name: "main", ext: "png" },
  ];
  return { ...V3, data: { ...V3.data, assets } };
}

const ICON_PATH = "assets/icon/images/main.png";
const PICTURE = { bytes: PIXEL, type: "image/png" } as const;
const German = { name: "Käthe", description: "Grüße aus Köln" };

export const SOUND_FILES: readonly SoundFile[] = [
  sound("v1.json", json(V1), { name: "Aqua", greeting: V1.first_mes, alternateGreetings: [] }),
  sound("v2.json", json(V2), BOTH_VERSIONS),
  sound("v3.json", json(V3), { ...BOTH_VERSIONS, nickname: "Aq" }),
  sound("indented.json", Buffer.from(`\n\n ${JSON.stringify(V2, undefined, 4)}\n`), BOTH_VERSIONS),
  sound("utf8-mark.json", Buffer.concat([Buffer.from("\uFEFF"), json(GERMAN)]), German),
  sound("utf16-little.json", wide(GERMAN, false), German),
  sound("utf16-big.json", wide(GERMAN, true), German),
  sound("utf16-no-mark.json", wide(GERMAN, false, ""), German),
  sound("utf16-big-no-mark.json", wide(GERMAN, true, ""), German),
  sound("latin1.json", Buffer.from(JSON.stringify(GERMAN), "latin1"), German),
  sound("padded.json", Buffer.concat([json(V1), Buffer.alloc(5)]), { name: "Aqua" }),
  sound("beside.json", json({ ...V1, name: "Old", data: { name: "New" }, spec: "chara_card_v2" }), {
    name: "New",
    description: V1.description,
  }),
  sound("numbers.json", flat({ name: 42, description: 7.5 }), { name: "42", description: "7.5" }),
  sound("lists.json", flat({ description: ["one", 2, null, "three"] }), {
    description: "one\n2\nthree",
  }),
  sound("nulls.json", nested({ creator_notes: null, tags: null, character_book: null }), {
    creatorNotes: "",
    tags: [],
    lorebook: undefined,
  }),
  sound("objects.json", nested({ scenario: { a: 1 }, alternate_greetings: { 0: "a", 1: "b" } }), {
    alternateGreetings: ["a", "b"],
  }),
  sound("greeting-time.json", nested({ alternate_greetings: "1687194031049" }), {
    alternateGreetings: [],
  }),
  sound("greeting-text.json", nested({ alternate_greetings: "Hey!" }), {
    alternateGreetings: ["Hey!"],
  }),
  sound("tags-text.json", nested({ tags: "a, b,,c " }), { tags: ["a", "b", "c"] }),
  sound("no-name_of_mine.json", nested({ name: "" }), { name: "no-name of mine" }),
  sound("long-name.json", flat({ name: "  A\r\n\tB\u0007 " }), { name: "A B" }),
  sound("line-ends.json", flat({ scenario: "a\r\nb\rc" }), { scenario: "a\nb\nc" }),
  sound("halves.json", Buffer.from(`{"name":"a\\u0000b","description":"x\\ud800y"}`), {
    name: "ab",
    description: "x\uFFFDy",
  }),
  sound(
    "pygmalion.json",
    json({
      char_name: "Mio",
      char_persona: "A cat.",
      char_greeting: "Mew",
      world_scenario: "Roof",
    }),
    { name: "Mio", description: "A cat.", greeting: "Mew", scenario: "Roof" },
  ),
  sound("book-map.json", nested({ character_book: { entries: { 5: { key: "a, b" } } } }), {}),
  sound("book-list.json", nested({ character_book: [{ keys: "x", content: 9 }, null, 3] }), {}),
  sound("v2.png", png(tEXt("chara", base64(V2))), { ...BOTH_VERSIONS, avatar: PICTURE }),
  sound("v1.png", png(tEXt("chara", base64(V1))), { name: "Aqua", avatar: PICTURE }),
  sound("both.png", png(tEXt("chara", base64({ ...V1, name: "Old" })), tEXt("ccv3", base64(V3))), {
    name: "Aqua",
    nickname: "Aq",
  }),
  sound("broken-new.png", png(tEXt("ccv3", "e3s="), tEXt("chara", base64(V2))), BOTH_VERSIONS),
  sound("capital.png", png(tEXt("Chara", base64(V2))), BOTH_VERSIONS),
  sound("raw.png", png(tEXt("chara", JSON.stringify(GERMAN))), German),
  sound(
    "raw-latin1.png",
    png(tEXt("chara", Buffer.from(JSON.stringify(GERMAN), "latin1"))),
    German,
  ),
  sound("packed.png", png(zTXt("chara", base64(V2))), BOTH_VERSIONS),
  sound("packed-raw.png", png(zTXt("ccv3", JSON.stringify(GERMAN))), German),
  sound("language.png", png(iTXt("chara", JSON.stringify(GERMAN))), German),
  sound("language-packed.png", png(iTXt("ccv3", base64(V3), true)), BOTH_VERSIONS),
  sound("checksum.png", png({ ...tEXt("chara", base64(V2)), checksum: 1 }), BOTH_VERSIONS),
  sound("no-end.png", png(tEXt("chara", base64(V2))).subarray(0, -12), BOTH_VERSIONS),
  sound("first.png", pngOf([tEXt("chara", base64(V2))]), { name: "Aqua", avatar: undefined }),
  sound("card.charx", charx(withIcon(`embeded://${ICON_PATH}`)), {
    ...BOTH_VERSIONS,
    avatar: PICTURE,
  }),
  sound("spelling.charx", charx(withIcon(`embedded://${ICON_PATH}`)), { avatar: PICTURE }),
  sound("no-icon.charx", charx(withIcon("embeded://gone.png")), { avatar: undefined }),
  sound("folder.charx", charx(V3, "Aqua/card.json"), BOTH_VERSIONS),
  sound("stored.zip", zip({ name: "card.json", data: json(V3), isStored: true }), BOTH_VERSIONS),
  sound("behind-picture.jpg", Buffer.concat([JPEG, charx(V3)]), BOTH_VERSIONS),
  sound("data-icon.json", json(withIcon(`data:image/png;base64,${PIXEL.toString("base64")}`)), {
    avatar: PICTURE,
  }),
];

function sound(fileName: string, bytes: Uint8Array, expected: Partial<Card>): SoundFile {
  return { fileName, bytes, expected };
}
