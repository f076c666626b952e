import { expect, it } from "vitest";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { openServe } from "../support/serve.ts";

const model = {
  id: "scripted",
  object: "model",
  created: expect.any(Number),
  owned_by: "familiar",
  max_model_len: 4_096,
  meta: { n_ctx: 4_096 },
};

it("lists its model with the size of its context", async () => {
  const { get } = await openServe(new ScriptedEngine([]));
  expect(await (await get("/v1/models")).json()).toEqual({ object: "list", data: [model] });
  expect(await (await get("/v1/models/scripted")).json()).toEqual(model);
});

it.each(["gpt-4o", "org%2Fname", "org/name"])("knows no other model: %s", async (id) => {
  const { get } = await openServe(new ScriptedEngine([]));
  const response = await get(`/v1/models/${id}`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: "model_not_found" } });
});

it.each([
  ["a text", { content: "one two three" }, 3],
  ["a text in vLLM's words", { prompt: "one two three", model: "any" }, 3],
  ["no text", { content: "" }, 0],
  ["a prompt", { messages: [{ role: "user", content: "one two three" }] }, 10],
])("counts the tokens of %s", async (_, body, count) => {
  const { post } = await openServe(new ScriptedEngine([]));
  expect(await (await post("/tokenize", body)).json()).toEqual({ count, max_model_len: 4_096 });
});

it("says what it can count", async () => {
  const { post } = await openServe(new ScriptedEngine([]));
  const response = await post("/tokenize", { content: 7 });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { message: expect.stringMatching(/must have content/) },
  });
});
