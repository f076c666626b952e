/** What stands before a text, by what it is embedded for. */
export interface EmbeddingPrompts {
  readonly question: string;
  readonly turn: string;
}

const PLAIN: EmbeddingPrompts = { question: "", turn: "" };
const SEARCH_PASSAGES = "Represent this sentence for searching relevant passages: ";

/**
 * As the models' own pages tell to do it. The first whose pattern is in the model's name holds; the
 * ones for a part of a family stand before those for the rest.
 */
const FAMILIES: readonly (readonly [RegExp, EmbeddingPrompts])[] = [
  [/nomic.?embed/, { question: "search_query: ", turn: "search_document: " }],
  [/embedding.?gemma/, { question: "task: search result | query: ", turn: "title: none | text: " }],
  [
    /e5.*instruct|qwen3.?embedding/,
    {
      question:
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
      turn: "",
    },
  ],
  [/\be5\b/, { question: "query: ", turn: "passage: " }],
  [/arctic.?embed.*v2/, { question: "query: ", turn: "" }],
  [/bge.*\ben\b|mxbai.?embed|arctic.?embed/, { question: SEARCH_PASSAGES, turn: "" }],
];

/** By any of a model's names; texts stand alone where none is known. */
export function chooseEmbeddingPrompts(names: readonly string[]): EmbeddingPrompts {
  const known = names.map((name) => name.toLowerCase().replaceAll("_", "-"));
  const family = FAMILIES.find(([pattern]) => known.some((name) => pattern.test(name)));
  return family?.[1] ?? PLAIN;
}
