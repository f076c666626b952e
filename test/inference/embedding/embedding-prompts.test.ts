import { describe, expect, it } from "vitest";
import { chooseEmbeddingPrompts } from "../../../src/inference/embedding/embedding-prompts.ts";

const SENTENCE = "Represent this sentence for searching relevant passages: ";

describe("what stands before the texts of a model", () => {
  it.each([
    ["nomic-embed-text-v1.5", "search_query: ", "search_document: "],
    ["Nomic Embed Text v2 MoE", "search_query: ", "search_document: "],
    ["multilingual-e5-large", "query: ", "passage: "],
    ["e5_small_v2", "query: ", "passage: "],
    ["bge-small-en-v1.5", SENTENCE, ""],
    ["mxbai-embed-large-v1", SENTENCE, ""],
    ["snowflake-arctic-embed-m", SENTENCE, ""],
    ["snowflake-arctic-embed-l-v2.0", "query: ", ""],
    ["embeddinggemma-300M", "task: search result | query: ", "title: none | text: "],
    ["bge-m3", "", ""],
    ["all-MiniLM-L6-v2", "", ""],
    ["gte-base", "", ""],
  ])("%s", (name, question, turn) => {
    expect(chooseEmbeddingPrompts([name])).toEqual({ question, turn });
  });

  it.each(["Qwen3-Embedding-0.6B", "multilingual-e5-large-instruct"])("%s", (name) => {
    const { question, turn } = chooseEmbeddingPrompts([name]);
    expect(question).toMatch(/^Instruct: .+\nQuery: $/);
    expect(turn).toBe("");
  });

  it("is chosen by any of its names", () => {
    expect(chooseEmbeddingPrompts(["Model", "nomic-embed-text"]).question).toBe("search_query: ");
  });
});
