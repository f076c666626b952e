import type { NearestTurns, SimilarTurn } from "../../chat/memory/embedding-store.ts";
import { compareWith } from "./pack-embedding.ts";
import type { PackedEmbeddings } from "./pack-embedding.ts";

/** The embeddings of turns that are near each other in a conversation, by row. */
export interface EmbeddingPage extends PackedEmbeddings {
  readonly positions: Int32Array;
  readonly stretches: Int32Array;
}

export interface PageQuery {
  readonly embedding: Float32Array;
  readonly before: number;
  readonly limit: number;
}

/** Compares a question with every turn before a position. */
export function findNearest(
  pages: readonly EmbeddingPage[],
  { before, embedding, limit }: PageQuery,
): NearestTurns {
  const similarities = new Float64Array(
    pages.reduce((sum, page) => sum + page.positions.length, 0),
  );
  let compared = 0;
  const compareAll = (page: EmbeddingPage): Float64Array => {
    const start = compared;
    for (const [row, position] of page.positions.entries()) {
      if (position >= before) break;
      similarities[compared] = compareWith(embedding, page, row);
      compared += 1;
    }
    return similarities.subarray(start, compared);
  };
  const byPage = pages.map((page) => ({ page, own: compareAll(page) }));
  const all = similarities.subarray(0, compared);
  const least = all.toSorted()[Math.max(0, compared - limit)] ?? 0;
  const turns = byPage.flatMap(({ own, page }) => takeAbove(page, own, least));
  return {
    turns: turns.toSorted((one, other) => other.similarity - one.similarity).slice(0, limit),
    compared,
    ...describe(all),
  };
}

/** The positions of a page are in their order, so that its first rows are those that were compared. */
function takeAbove(page: EmbeddingPage, similarities: Float64Array, least: number): SimilarTurn[] {
  const turns: SimilarTurn[] = [];
  for (const [row, similarity] of similarities.entries()) {
    const position = page.positions[row];
    if (similarity < least || position === undefined) continue;
    turns.push({ position, stretch: page.stretches[row] ?? position, similarity });
  }
  return turns;
}

function describe(similarities: Float64Array) {
  const count = Math.max(1, similarities.length);
  const mean = similarities.reduce((sum, each) => sum + each, 0) / count;
  const variance = similarities.reduce((sum, each) => sum + (each - mean) ** 2, 0) / count;
  return { mean, deviation: Math.sqrt(variance) };
}
