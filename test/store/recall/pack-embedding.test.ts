import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EmbeddingPages } from "../../../src/store/recall/embedding-pages.ts";
import { findNearest } from "../../../src/store/recall/nearest-in-pages.ts";
import {
  compareWith,
  packEmbedding,
  unpackEmbeddings,
} from "../../../src/store/recall/pack-embedding.ts";

const DIMENSIONS = 24;

const embedding = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: DIMENSIONS,
    maxLength: DIMENSIONS,
  })
  .map((values) => {
    const length = Math.hypot(...values);
    return Float32Array.from(values, (value) => (length < 1e-6 ? 0 : value / length));
  });

function unpackAll(embeddings: readonly Float32Array[]) {
  const bytes = Buffer.concat(embeddings.map(packEmbedding));
  return unpackEmbeddings(bytes, DIMENSIONS);
}

function dot(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}

describe("packed embeddings", () => {
  it("are as similar to others as they were, to a hundredth", () => {
    fc.assert(
      fc.property(embedding, fc.array(embedding, { minLength: 1, maxLength: 9 }), (asked, many) => {
        const packed = unpackAll(many);
        for (const [row, each] of many.entries()) {
          expect(Math.abs(compareWith(asked, packed, row) - dot(asked, each))).toBeLessThan(0.01);
        }
      }),
    );
  });

  it("take a byte a dimension, and four", () => {
    expect(packEmbedding(new Float32Array(768)).length).toBe(772);
  });

  it("are found in the order of their similarity, none at the end or after it", () => {
    const many = fc.array(embedding, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        embedding,
        many,
        fc.nat(50),
        fc.integer({ min: 1, max: 50 }),
        (asked, all, before, limit) => {
          const positions = Int32Array.from(all.keys());
          const page = { ...unpackAll(all), positions, stretches: positions };
          const found = findNearest([page], { embedding: asked, before, limit });
          expect(found.compared).toBe(Math.min(before, all.length));
          expect(found.turns.length).toBe(Math.min(limit, found.compared));
          const similarities = found.turns.map(({ similarity }) => similarity);
          expect(similarities).toEqual(similarities.toSorted((one, other) => other - one));
          expect(found.turns.every(({ position }) => position < before)).toBe(true);
        },
      ),
    );
  });
});

describe("copies in memory", () => {
  it("hold nothing before anybody asks", () => {
    expect(new EmbeddingPages({ key: "0a", dimensions: DIMENSIONS }).bytes).toBe(0);
  });
});
