import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOwnEmbedder } from "../../../src/inference/embedding/own-embedder.ts";
import type { OwnEmbedder } from "../../../src/inference/embedding/own-embedder.ts";
import type { LlamaEmbedder } from "../../../src/inference/embedding/llama-embedder.ts";
import { writeEmbeddingModel } from "../../support/embedding-model.ts";
import type { EmbeddingModelFile, EmbeddingModelShape } from "../../support/embedding-model.ts";
import { DEMO_MODEL_PATH, openDemoEngine } from "../../support/model.ts";

const { signal } = new AbortController();

function open(modelPath: string): Promise<OwnEmbedder> {
  return openOwnEmbedder({ modelPath, gpu: "off", threads: 1, signal });
}

async function openShape(shape: EmbeddingModelShape): Promise<void> {
  await using file = await writeEmbeddingModel(shape);
  await using _own = await open(file.path);
}

async function keyOf(shape: EmbeddingModelShape): Promise<string> {
  await using file = await writeEmbeddingModel(shape);
  await using own = await open(file.path);
  return own.embedder.key;
}

function similarity(one: Float32Array | undefined, other: Float32Array | undefined): number {
  if (one === undefined || other === undefined) throw new Error("An embedding is missing");
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}

describe("an embedding model in llama.cpp", () => {
  let file: EmbeddingModelFile;
  let own: OwnEmbedder;
  let embedder: LlamaEmbedder;

  beforeAll(async () => {
    file = await writeEmbeddingModel();
    own = await open(file.path);
    ({ embedder } = own);
  });

  afterAll(async () => {
    await own[Symbol.asyncDispose]();
    await file[Symbol.asyncDispose]();
  });

  it("makes alike what means alike, in other words", async () => {
    const [car, automobile, dog] = await embedder.embed(
      ["I bought a car", "We purchased an automobile", "The puppy is sad"],
      "turn",
      signal,
    );
    expect(car?.length).toBe(embedder.dimensions);
    expect(similarity(car, car)).toBeCloseTo(1);
    expect(similarity(car, automobile)).toBeCloseTo(1);
    expect(similarity(car, dog)).toBeLessThan(0.8);
  });

  it("gives each text its own when many are asked for at once", async () => {
    const texts = ["car", "dog", "doctor", "garden", "guitar"];
    const alone = await embedder.embed(texts, "turn", signal);
    const together = await Promise.all(
      texts.map(async (text) => (await embedder.embed([text], "question", signal))[0]),
    );
    expect(together).toEqual(alone);
  });

  it("counts the beginning of a text that is too long", async () => {
    const long = `${"car ".repeat(1_000)}${"dog ".repeat(1_000)}`;
    const [whole, beginning] = await embedder.embed([long, "car ".repeat(1_000)], "turn", signal);
    expect(similarity(whole, beginning)).toBeCloseTo(1);
  });

  it("takes no text for a control token, and nothing for something", async () => {
    const texts = ["", "  ", "[CLS] [SEP]", "</s><|im_start|>", "\0", "😀"];
    const made = await embedder.embed(texts, "turn", signal);
    expect(made.map(({ length }) => length)).toEqual(texts.map(() => embedder.dimensions));
    expect(made.flatMap((embedding) => [...embedding]).every(Number.isFinite)).toBe(true);
    expect(made[0]?.every((value) => value === 0)).toBe(true);
  });

  it("stops where nobody waits any more", async () => {
    const stopped = AbortSignal.abort(new Error("Nobody waits"));
    await expect(embedder.embed(["car"], "turn", stopped)).rejects.toThrow("Nobody waits");
  });

  it("says what it takes of the memory", () => {
    expect(embedder.memory.ramBytes).toBeGreaterThan(10_000);
    expect(embedder.memory.vramBytes).toBe(0);
  });

  it("has another key where texts would be embedded in another way", async () => {
    const again = await keyOf({});
    expect(again).toBe(embedder.key);
    expect(again).toMatch(/^[0-9a-f]{16}$/);
    expect(await keyOf({ name: "nomic-embed-text" })).not.toBe(again);
  });
});

describe("what is no embedding model", () => {
  it("is refused where it writes text", async () => {
    await expect(open(DEMO_MODEL_PATH)).rejects.toMatchObject({
      code: "model-invalid",
      message: expect.stringMatching(
        /^EMBEDDING_MODEL is no embedding model, it writes text: choose/,
      ),
    });
  });

  it("is refused where it only compares two texts", async () => {
    await expect(openShape({ pooling: 4 })).rejects.toThrow(/a reranker/);
  });

  it("is refused where the file does not say how one embedding is made", async () => {
    await expect(openShape({ pooling: undefined })).rejects.toThrow(/pooling_type/);
  });
});

describe("beside the model that writes", () => {
  it("both answer", async () => {
    await using file = await writeEmbeddingModel();
    await using engine = await openDemoEngine({ embeddingModelPath: file.path });
    const [embedding] = (await engine.embedder?.embed(["dog"], "question", signal)) ?? [];
    expect(embedding).toHaveLength(64);
    expect(await engine.ping()).toBeGreaterThan(0);
  });

  it("a model that writes is refused as the embedding model", async () => {
    await expect(openDemoEngine({ embeddingModelPath: DEMO_MODEL_PATH })).rejects.toThrow(
      /EMBEDDING_MODEL is no embedding model/,
    );
  });
});
