import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readGguf } from "../../src/inference/model/gguf-file.ts";
import { inspectModel, measureFile } from "../../src/model-check/inspect-model.ts";
import { DEMO_MODEL_PATH } from "../support/model.ts";
import { patchDemoModel } from "../support/vocabulary-model.ts";

const DEMO_BYTES = 3_482_208;

it("finds in the header of the demo model what its makers say of it", async () => {
  const facts = inspectModel(await readGguf(DEMO_MODEL_PATH));
  expect(facts).toEqual({
    architecture: "llama",
    parameters: 3_232_512,
    quantisation: "Q8_0",
    commonType: "Q8_0",
    bitsPerParameter: expect.closeTo(8.5, 1),
    trainedTokens: 2048,
  });
});

it("tells the type of the tensors where the file names no quantisation", async () => {
  await using unnamed = await patchDemoModel({ removeKeys: ["general.file_type"] });
  const facts = inspectModel(await readGguf(unnamed.path));
  expect(facts).toMatchObject({ quantisation: undefined, commonType: "Q8_0" });
  await using odd = await patchDemoModel({ setNumbers: { "general.file_type": 9_999 } });
  expect(inspectModel(await readGguf(odd.path)).quantisation).toBeUndefined();
});

it("does not know a trained context that the file leaves out", async () => {
  await using model = await patchDemoModel({ removeKeys: ["llama.context_length"] });
  expect(inspectModel(await readGguf(model.path)).trainedTokens).toBeUndefined();
});

it("measures a model in several parts as a whole", async () => {
  expect(await measureFile(await readGguf(DEMO_MODEL_PATH))).toEqual({
    bytes: DEMO_BYTES,
    parts: 1,
  });
  const folder = await mkdtemp(join(tmpdir(), "familiar-parts-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const parts = ["demo-00001-of-00002.gguf", "demo-00002-of-00002.gguf"] as const;
  for (const name of parts) await copyFile(DEMO_MODEL_PATH, join(folder, name));
  const info = await readGguf(join(folder, parts[0]));
  expect(await measureFile(info)).toEqual({ bytes: 2 * DEMO_BYTES, parts: 2 });
});
