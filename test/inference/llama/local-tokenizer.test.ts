import { expect, it } from "vitest";
import { openTokenizer } from "../../../src/inference/llama/local-tokenizer.ts";
import { DEMO_MODEL_PATH, openDemoEngine } from "../../support/model.ts";

const { signal } = new AbortController();

it("counts as the model itself does, without its weights", async () => {
  await using engine = await openDemoEngine();
  const options = { modelPath: DEMO_MODEL_PATH, chatTemplate: "auto", signal } as const;
  await using tokenizer = await openTokenizer(options);
  for (const text of ["", "Hello, Ada!", "<|im_end|> 🦊 ünïcödé\n\n  code()"]) {
    const message = { role: "user", text } as const;
    expect(await tokenizer.countTokens(message)).toBe(await engine.countTokens(message));
  }
  expect([tokenizer.overheadTokens, tokenizer.countBasis]).toEqual([
    engine.overheadTokens,
    engine.countBasis,
  ]);
});

it("says plainly that a file is no model", async () => {
  const options = { modelPath: "package.json", chatTemplate: "auto", signal } as const;
  await expect(openTokenizer(options)).rejects.toMatchObject({ code: "model-invalid" });
});
