import { createHash } from "node:crypto";
import type { Embedder } from "../../src/chat/memory/embedder.ts";
import { createRandom } from "./random.ts";

/** As many as small embedding models have. */
const DIMENSIONS = 384;

/** A model that understands nothing: a text's embedding points anywhere, always to the same place. */
export function createRandomEmbedder(): Embedder {
  return {
    key: "00",
    dimensions: DIMENSIONS,
    embed: (texts, purpose) => Promise.resolve(texts.map((text) => draw(`${purpose} ${text}`))),
  };
}

/** Sums of uniform numbers are normal enough to point in all directions alike. */
function draw(text: string): Float32Array {
  const random = createRandom(createHash("sha256").update(text).digest().readUInt32LE(0));
  const values = Float32Array.from(
    { length: DIMENSIONS },
    () => random() + random() + random() - 1.5,
  );
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
