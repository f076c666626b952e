export interface MemoryNeed {
  readonly ramBytes: number;
  readonly vramBytes: number;
}

export interface FreeMemory extends MemoryNeed {
  /** GPU and processor share one memory, as on Apple's machines. */
  readonly isUnified: boolean;
}

export interface Arrangement {
  /** Layers on the GPU; the rest runs on the processor. */
  readonly gpuLayers: number;
  /** Of each sequence. */
  readonly contextTokens: number;
  readonly sequences: number;
}

/** What model and context take together; more layers on the GPU take more there and less RAM. */
export type EstimateNeed = (arrangement: Arrangement) => Promise<MemoryNeed>;

export type FitDecision =
  | { readonly kind: "fits"; readonly arrangement: Arrangement; readonly need: MemoryNeed }
  | { readonly kind: "context-too-big"; readonly need: MemoryNeed; readonly largestTokens: number }
  | { readonly kind: "model-too-big"; readonly need: MemoryNeed };

/** No conversation is worth having in less; also the step in which llama.cpp counts. */
const SMALLEST_CONTEXT = 256;

/** A second conversation's cache may not take the last of the memory: others live here too. */
const COMFORTABLE_SHARE = 0.8;

/** Where the model does not fit on the GPU as a whole, layers there are worth more than sequences. */
const SEQUENCES_WHEN_SPLIT = 2;

/**
 * `wanted` names the most of each; the context is kept at any price, then layers on the GPU, then
 * sequences.
 */
export async function decideFit(
  wanted: Arrangement,
  free: FreeMemory,
  estimate: EstimateNeed,
): Promise<FitDecision> {
  const tryOut = createTrial(free, estimate);
  const sequences = Array.from(
    { length: wanted.sequences },
    (_, index) => wanted.sequences - index,
  );
  for (const count of sequences) {
    const trial = await tryOut({ ...wanted, sequences: count });
    if (trial.fits) return { kind: "fits", ...trial };
  }
  for (const count of sequences.filter((each) => each <= SEQUENCES_WHEN_SPLIT)) {
    const trial = await fillGpu({ ...wanted, sequences: count }, tryOut);
    if (trial.fits) return { kind: "fits", ...trial };
  }
  return await explainMisfit({ ...wanted, sequences: 1 }, tryOut);
}

interface Trial {
  readonly arrangement: Arrangement;
  readonly need: MemoryNeed;
  readonly fits: boolean;
  readonly fitsGpu: boolean;
}

type TryOut = (arrangement: Arrangement) => Promise<Trial>;

function createTrial(free: FreeMemory, estimate: EstimateNeed): TryOut {
  return async (arrangement) => {
    const need = await estimate(arrangement);
    const share = arrangement.sequences > 1 ? COMFORTABLE_SHARE : 1;
    const ramNeed = need.ramBytes + (free.isUnified ? need.vramBytes : 0);
    const fitsGpu = need.vramBytes <= free.vramBytes * share;
    return { arrangement, need, fitsGpu, fits: fitsGpu && ramNeed <= free.ramBytes * share };
  };
}

/** As many layers on the GPU as its memory takes, by bisection. */
async function fillGpu(wanted: Arrangement, tryOut: TryOut): Promise<Trial> {
  let best = await tryOut({ ...wanted, gpuLayers: 0 });
  let tooMany = wanted.gpuLayers + 1;
  while (best.arrangement.gpuLayers + 1 < tooMany) {
    const gpuLayers = Math.floor((best.arrangement.gpuLayers + tooMany) / 2);
    const trial = await tryOut({ ...wanted, gpuLayers });
    if (trial.fitsGpu) best = trial;
    else tooMany = gpuLayers;
  }
  return best;
}

async function explainMisfit(wanted: Arrangement, tryOut: TryOut): Promise<FitDecision> {
  const smallest = await fillGpu({ ...wanted, contextTokens: SMALLEST_CONTEXT }, tryOut);
  if (!smallest.fits) return { kind: "model-too-big", need: smallest.need };
  const { need } = await fillGpu(wanted, tryOut);
  let fitting = SMALLEST_CONTEXT;
  let tooBig = Math.max(wanted.contextTokens, SMALLEST_CONTEXT + 1);
  while (tooBig - fitting > SMALLEST_CONTEXT) {
    const middle = roundDown((fitting + tooBig) / 2);
    const contextTokens = middle > fitting ? middle : fitting + SMALLEST_CONTEXT;
    const trial = await fillGpu({ ...wanted, contextTokens }, tryOut);
    if (trial.fits) fitting = contextTokens;
    else tooBig = contextTokens;
  }
  return { kind: "context-too-big", need, largestTokens: fitting };
}

function roundDown(tokens: number): number {
  return Math.floor(tokens / SMALLEST_CONTEXT) * SMALLEST_CONTEXT;
}
