import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decideFit } from "../../../src/inference/model/decide-fit.ts";
import type { EstimateNeed, FreeMemory } from "../../../src/inference/model/decide-fit.ts";
import { fitModel } from "../../../src/inference/model/model-fit.ts";
import type { FitRequest } from "../../../src/inference/model/model-fit.ts";
import { patchGguf } from "../../support/gguf-patch.ts";

const DEMO_MODEL = fileURLToPath(
  new URL("../../../models/familiar-demo-3m-q8_0.gguf", import.meta.url),
);
const MB = 1_000_000;
const GB = 1_000 * MB;
const PLENTY: FreeMemory = { ramBytes: 64 * GB, vramBytes: 0, isUnified: false };

describe("the demo model on this machine", () => {
  let llama: Llama;
  let scratch: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "familiar-fit-"));
    const logLevel = LlamaLogLevel.disabled;
    llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel });
  });

  afterAll(async () => {
    await llama.dispose();
    await rm(scratch, { recursive: true });
  });

  function fit(request: Partial<FitRequest> = {}) {
    return fitModel(llama, { modelPath: DEMO_MODEL, contextTokens: undefined, ...request });
  }

  function withRam(ramBytes: number): FreeMemory {
    return { ...PLENTY, ramBytes };
  }

  test("gets the context that it was trained on, and four sequences", async () => {
    expect(await fit()).toMatchObject({
      contextTokens: 2048,
      sequences: 4,
      gpuLayers: 0,
      totalLayers: 6,
      trainedTokens: 2048,
    });
  });

  test("needs what loading it takes, to a tenth", async () => {
    const { memoryBytes, sequences, contextTokens: contextSize } = await fit();
    const before = await llama.getLlamaMemoryUsage();
    await using model = await llama.loadModel({ modelPath: DEMO_MODEL });
    await using _context = await model.createContext({ contextSize, sequences, threads: 1 });
    const after = await llama.getLlamaMemoryUsage();
    const taken = after.cpuRam - before.cpuRam;
    expect(memoryBytes / taken).toBeGreaterThan(0.9);
    expect(memoryBytes / taken).toBeLessThan(1.1);
  });

  test("gets 4096 tokens where it was trained on more", async () => {
    const modelPath = join(scratch, "long.gguf");
    await patchGguf(DEMO_MODEL, modelPath, { setNumbers: { "llama.context_length": 32_768 } });
    expect(await fit({ modelPath })).toMatchObject({ contextTokens: 4096, trainedTokens: 32_768 });
  });

  test("is refused more than it was trained on", async () => {
    await expect(fit({ contextTokens: 9000 })).rejects.toMatchObject({
      code: "model-invalid",
      message: "CONTEXT_TOKENS is 9000, but this model was trained on 2048: set it to at most 2048",
    });
  });

  test("gets fewer sequences where memory is short", async () => {
    const { need } = await fit({ sequences: 2 });
    const tight = await fit({ freeMemory: withRam(need.ramBytes) });
    expect(tight).toMatchObject({ contextTokens: 2048, sequences: 1 });
    const roomy = await fit({ freeMemory: withRam(need.ramBytes * 1.3) });
    expect(roomy.sequences).toBe(2);
  });

  test("is told when it is too big for the memory", async () => {
    const reserved = { freeMemory: withRam(22 * GB), reservedRamBytes: 22 * GB - 2 * MB };
    await expect(fit(reserved)).rejects.toMatchObject({ code: "model-invalid" });
    await expect(fit({ freeMemory: withRam(2 * MB) })).rejects.toMatchObject({
      code: "model-invalid",
      message: expect.stringMatching(
        /^The model needs 7\.\d MB of memory, and 2\.0 MB is free: choose a smaller model/,
      ),
    });
  });

  test("is told the largest context that fits, and that one fits", async () => {
    const freeMemory = withRam(12 * MB);
    const error = await fit({ freeMemory, contextTokens: 2000 }).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: "model-invalid" });
    const { message } = error as Error;
    expect(message).toMatch(/^CONTEXT_TOKENS is 2000, which needs 20 MB|^CONTEXT_TOKENS is 2000, /);
    const largest = Number(/set CONTEXT_TOKENS to at most (?<tokens>\d+)$/.exec(message)?.[1]);
    await expect(fit({ freeMemory, contextTokens: largest })).resolves.toMatchObject({
      contextTokens: largest,
      sequences: 1,
    });
    await expect(fit({ freeMemory, contextTokens: largest + 256 })).rejects.toThrow("at most");
    await expect(fit({ freeMemory })).rejects.toThrow(
      /^A conversation of 2048 tokens, the default/,
    );
  });

  test("of a kind that llama.cpp does not know is refused", async () => {
    const modelPath = join(scratch, "unknown.gguf");
    await patchGguf(DEMO_MODEL, modelPath, { setStrings: { "general.architecture": "novel" } });
    await expect(fit({ modelPath })).rejects.toThrow(
      /^The model is of the kind "novel", which llama\.cpp does not know here: choose another/,
    );
  });

  test("of a kind that cannot write is refused", async () => {
    const modelPath = join(scratch, "embedding.gguf");
    await patchGguf(DEMO_MODEL, modelPath, { setStrings: { "general.architecture": "t5encoder" } });
    await expect(fit({ modelPath })).rejects.toThrow(
      /^The model is of the kind "t5encoder", which cannot/,
    );
  });
});

describe("a model of 7 billion parameters", () => {
  const LAYERS = 33;
  const MODEL_BYTES = 4.4 * GB;
  const TOKEN_BYTES = 128 * 1_024;

  /** By arithmetic: weights and cache lie where their layer is. */
  const estimate: EstimateNeed = ({ gpuLayers, contextTokens, sequences }) => {
    const total = MODEL_BYTES + contextTokens * sequences * TOKEN_BYTES;
    const vramBytes = (total * gpuLayers) / LAYERS;
    return Promise.resolve({ vramBytes, ramBytes: total - vramBytes });
  };

  function decide(free: FreeMemory, gpuLayers = LAYERS, contextTokens = 4096) {
    return decideFit({ gpuLayers, contextTokens, sequences: 4 }, free, estimate);
  }

  test.each([
    { vram: 24, gpuLayers: 33, sequences: 4 },
    { vram: 8, gpuLayers: 33, sequences: 3 },
    { vram: 6, gpuLayers: 33, sequences: 1 },
    { vram: 4, gpuLayers: 19, sequences: 2 },
  ])("on a card with $vram GB has $gpuLayers layers there", async ({ vram, ...rest }) => {
    const free = { ramBytes: 16 * GB, vramBytes: vram * GB, isUnified: false };
    expect(await decide(free)).toMatchObject({ kind: "fits", arrangement: rest });
  });

  test("counts a memory that GPU and processor share only once", async () => {
    const shared = { ramBytes: 5 * GB, vramBytes: 5 * GB, isUnified: true };
    expect(await decide(shared)).toMatchObject({ kind: "fits", arrangement: { sequences: 1 } });
    const small = { ramBytes: 4 * GB, vramBytes: 4 * GB, isUnified: true };
    expect(await decide(small)).toMatchObject({ kind: "model-too-big" });
    const apart = { ...small, isUnified: false };
    expect(await decide(apart)).toMatchObject({ kind: "fits" });
  });

  /** Every arrangement tried. */
  async function search(free: FreeMemory, maxLayers: number, wantedTokens: number) {
    const fits = async (contextTokens: number) => {
      for (let gpuLayers = 0; gpuLayers <= maxLayers; gpuLayers += 1) {
        const need = await estimate({ gpuLayers, contextTokens, sequences: 1 });
        if (need.ramBytes <= free.ramBytes && need.vramBytes <= free.vramBytes) return true;
      }
      return false;
    };
    if (await fits(wantedTokens)) return { kind: "fits" };
    let largestTokens = wantedTokens - 256;
    while (largestTokens > 0 && !(await fits(largestTokens))) largestTokens -= 256;
    return largestTokens > 0
      ? { kind: "context-too-big", largestTokens }
      : { kind: "model-too-big" };
  }

  test("gets what fits and no more, or hears the largest context that would", async () => {
    const gigabytes = fc.double({ min: 0, max: 16, noNaN: true });
    const property = fc.asyncProperty(
      fc.record({ ram: gigabytes, vram: gigabytes, pages: fc.integer({ min: 1, max: 128 }) }),
      async ({ ram, vram, pages }) => {
        const free = { ramBytes: ram * GB, vramBytes: vram * GB, isUnified: false };
        const layers = vram > 0 ? LAYERS : 0;
        const decision = await decide(free, layers, pages * 256);
        expect(decision).toMatchObject(await search(free, layers, pages * 256));
        const taken = decision.kind === "fits" ? decision.need : { ramBytes: 0, vramBytes: 0 };
        expect(taken.ramBytes).toBeLessThanOrEqual(free.ramBytes);
        expect(taken.vramBytes).toBeLessThanOrEqual(free.vramBytes);
      },
    );
    await fc.assert(property);
  });
});
