/** SentencePiece's sign for a space. */
const SPACE = "▁";
const LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz");
const OTHERS = Array.from("0123456789.,:;!?'\"()-");

/** llama.cpp's token types. */
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

/** Normal pieces and all before them; the ChatML tokens follow. */
const PIECES = 32_000;

export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  /** Pieces with a greater score are merged first. */
  readonly scores: readonly number[];
  readonly beginId: number;
  readonly unknownId: number;
  readonly endOfTurnId: number;
  /** True for what is no plain text: a model that must not stop by itself never chooses these. */
  readonly isSilent: (id: number) => boolean;
}

/** As large as Llama's, in its style: byte fallback, made-up syllables, ChatML's control tokens. */
export function createVocabulary(): Vocabulary {
  const tokens = [
    "<unk>",
    "<s>",
    "</s>",
    ...Array.from({ length: 256 }, (_, byte) => `<0x${toHex(byte)}>`),
  ];
  const types = [UNKNOWN, CONTROL, CONTROL, ...Array.from({ length: 256 }, () => BYTE)];
  const pieces = takeFirst(createPieces(), PIECES - tokens.length);
  tokens.push(...pieces, "<|im_start|>", "<|im_end|>");
  types.push(...pieces.map(() => NORMAL), CONTROL, CONTROL);
  return {
    tokens,
    types,
    scores: types.map((type, id) => (type === NORMAL ? -id : 0)),
    unknownId: 0,
    beginId: 1,
    endOfTurnId: tokens.length - 1,
    isSilent: (id) => types[id] !== NORMAL,
  };
}

function toHex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** Shorter ones first: whatever a longer piece is merged from comes before it. */
function* createPieces(): Generator<string, void> {
  const letters = [...LETTERS, ...LETTERS.map((letter) => letter.toUpperCase())];
  yield* [SPACE, ...letters, ...OTHERS];
  for (const letter of letters) yield SPACE + letter;
  for (let length = 2; ; length += 1) {
    for (const word of createWords(length)) {
      yield word;
      yield SPACE + word;
    }
  }
}

function* createWords(length: number): Generator<string, void> {
  if (length === 0) {
    yield "";
    return;
  }
  for (const start of createWords(length - 1)) {
    for (const letter of LETTERS) yield start + letter;
  }
}

function takeFirst(pieces: Iterable<string>, count: number): string[] {
  const taken: string[] = [];
  for (const piece of pieces) {
    if (taken.length === count) break;
    taken.push(piece);
  }
  return taken;
}
