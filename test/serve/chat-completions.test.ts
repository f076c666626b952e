import { expect, it } from "vitest";
import { FamiliarError } from "../../src/chat/errors.ts";
import {
  createGate,
  end,
  fail,
  read,
  say,
  ScriptedEngine,
  think,
  waitFor,
} from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";
import { openServe, readEvents, SAMPLING } from "../support/serve.ts";

const USAGE = {
  prompt_tokens: 8,
  completion_tokens: 2,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 0 },
};

it("answers with one object, its usage included", async () => {
  const { ask } = await openServe(new ScriptedEngine([say("Hi", " there.")]));
  const response = await ask({});
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    id: expect.stringMatching(/^chatcmpl-\w{32}$/),
    object: "chat.completion",
    created: expect.any(Number),
    model: "scripted",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hi there.", refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: USAGE,
  });
});

it("streams an answer in chunks that share an id, and says when it is done", async () => {
  const { ask } = await openServe(new ScriptedEngine([say("Hi", " there.")]));
  const response = await ask({ stream: true });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const events = await readEvents(response);
  const [first] = events as { id: string; created: number }[];
  const chunk = (delta: object, finish: string | null = null) => ({
    id: first?.id,
    object: "chat.completion.chunk",
    created: first?.created,
    model: "scripted",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  expect(events).toEqual([
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "Hi" }),
    chunk({ content: " there." }),
    chunk({}, "stop"),
    "[DONE]",
  ]);
});

it("ends a stream with a usage chunk where that is asked for", async () => {
  const { ask } = await openServe(new ScriptedEngine([say("Hi", " there.")]));
  const events = await readEvents(
    await ask({ stream: true, stream_options: { include_usage: true } }),
  );
  expect(events.slice(0, -2)).toEqual(
    Array.from({ length: 4 }, () => expect.objectContaining({ usage: null })),
  );
  expect(events.slice(-2)).toEqual([
    expect.objectContaining({ choices: [], usage: USAGE }),
    "[DONE]",
  ]);
});

it("keeps what the model thinks apart from its answer", async () => {
  const script = [think("A greeting. "), think("Greet back."), ...say("Hi.")];
  const { ask } = await openServe(new ScriptedEngine([script, script]));
  expect(await (await ask({})).json()).toMatchObject({
    choices: [{ message: { content: "Hi.", reasoning_content: "A greeting. Greet back." } }],
  });
  expect(await readEvents(await ask({ stream: true }))).toMatchObject([
    { choices: [{ delta: { role: "assistant" } }] },
    { choices: [{ delta: { reasoning_content: "A greeting. " } }] },
    { choices: [{ delta: { reasoning_content: "Greet back." } }] },
    { choices: [{ delta: { content: "Hi." } }] },
    { choices: [{ finish_reason: "stop" }] },
    "[DONE]",
  ]);
});

it("shows the reading of a prompt as comments, and in numbers where that is asked for", async () => {
  const script = [read(4, 8), ...say("Hi.")];
  const { ask } = await openServe(new ScriptedEngine([script, script]));
  const text = await (await ask({ stream: true })).text();
  expect(text.split("\n\n")[1]).toBe(": reading");
  const events = await readEvents(await ask({ stream: true, return_progress: true }));
  expect(events[1]).toMatchObject({
    choices: [{ delta: {}, finish_reason: null }],
    prompt_progress: { total: 8, processed: 4 },
  });
});

it.each(["length", "context"] as const)("calls an answer cut at the %s cut", async (reason) => {
  const script = (): ScriptStep[] => [{ kind: "say", text: "Once" }, end(reason)];
  const { ask } = await openServe(new ScriptedEngine([script(), script()]));
  const cut = { choices: [{ finish_reason: "length" }] };
  expect(await (await ask({})).json()).toMatchObject(cut);
  expect((await readEvents(await ask({ stream: true }))).at(-2)).toMatchObject(cut);
});

it("gives the engine text, whatever form the messages have", async () => {
  const engine = new ScriptedEngine([say("Hi.")]);
  const { ask } = await openServe(engine);
  await ask({
    messages: [
      { role: "developer", content: "Be kind." },
      {
        role: "user",
        content: [
          { type: "text", text: "One" },
          { type: "text", text: "Two" },
        ],
      },
      { role: "assistant", content: "Three", tool_calls: [] },
      { role: "user", content: "<|im_end|>", name: "Ada" },
    ],
  });
  expect(engine.requests[0]).toMatchObject({
    conversationId: undefined,
    isTrimmed: false,
    messages: [
      { role: "system", text: "Be kind." },
      { role: "user", text: "One\nTwo" },
      { role: "assistant", text: "Three" },
      { role: "user", text: "<|im_end|>" },
    ],
  });
});

it("uses its own sampling where a request has none", async () => {
  const engine = new ScriptedEngine([say("Hi."), say("Hi.")]);
  const { ask } = await openServe(engine);
  await ask({});
  await ask({ temperature: null, stop: null, max_tokens: null, tools: [], unheard_of: 1 });
  for (const request of engine.requests) {
    expect(request.sampling).toEqual(SAMPLING);
    expect(request.maxTokens).toBe(512);
    expect(request).not.toHaveProperty("schema");
  }
});

it("passes on how a request wants to be answered", async () => {
  const engine = new ScriptedEngine([say("Hi."), say("Hi.")]);
  const { ask } = await openServe(engine);
  const stop = ["\nAda:", "\nBen:"];
  await ask({
    temperature: 0,
    top_p: 0.5,
    top_k: 7,
    min_p: 0.1,
    repeat_penalty: 1.2,
    seed: 3,
    stop,
  });
  await ask({ max_tokens: 20, max_completion_tokens: 10, seed: 2 ** 32 + 5, stop: "\n" });
  expect(engine.requests[0]?.sampling).toEqual({
    temperature: 0,
    topP: 0.5,
    topK: 7,
    minP: 0.1,
    repeatPenalty: 1.2,
    seed: 3,
    stop,
  });
  expect(engine.requests[1]).toMatchObject({ maxTokens: 10, sampling: { seed: 5, stop: ["\n"] } });
});

it("passes on the schema that an answer is to obey", async () => {
  const schema = { type: "object", properties: { name: { type: "string" } } };
  const engine = new ScriptedEngine(Array.from({ length: 4 }, () => say("{}")));
  const { ask } = await openServe(engine);
  for (const format of [
    { type: "json_schema", json_schema: { name: "person", strict: true, schema } },
    { type: "json_object", schema },
    { type: "json_object" },
    { type: "text" },
  ])
    await ask({ response_format: format });
  expect(engine.requests.map((request) => request.schema)).toEqual([
    schema,
    schema,
    { type: "object", additionalProperties: true },
    undefined,
  ]);
});

const part = { type: "image_url", image_url: { url: "data:," } };
it.each([
  ["messages", { messages: undefined }],
  ["messages", { messages: [] }],
  ["messages[0]", { messages: ["Hello"] }],
  ["messages[0].role", { messages: [{ role: "tool", content: "4", tool_call_id: "1" }] }],
  ["messages[1].content", { messages: [{ role: "user", content: "a" }, { role: "user" }] }],
  ["messages[0].content", { messages: [{ role: "user", content: [part] }] }],
  [
    "messages[0].tool_calls",
    { messages: [{ role: "assistant", content: "", tool_calls: [{ id: "1" }] }] },
  ],
  ["tools", { tools: [{ type: "function", function: { name: "add" } }] }],
  ["functions", { functions: [{ name: "add" }] }],
  ["n", { n: 2 }],
  ["temperature", { temperature: -0.1 }],
  ["temperature", { temperature: "hot" }],
  ["top_p", { top_p: 1.5 }],
  ["top_k", { top_k: 0.5 }],
  ["min_p", { min_p: 2 }],
  ["repeat_penalty", { repeat_penalty: 0 }],
  ["max_tokens", { max_tokens: 0 }],
  ["max_completion_tokens", { max_completion_tokens: 1.5 }],
  ["seed", { seed: 0.5 }],
  ["stop", { stop: ["a", "b", "c", "d", "e"] }],
  ["stop", { stop: "" }],
  ["stream", { stream: "yes" }],
  ["stream_options", { stream_options: true }],
  ["response_format", { response_format: "json" }],
  ["response_format.type", { response_format: { type: "xml" } }],
  ["response_format.json_schema", { response_format: { type: "json_schema" } }],
  [
    "response_format.json_schema.schema",
    { response_format: { type: "json_schema", json_schema: { name: "person" } } },
  ],
])("refuses a request by the name of its wrong field: %s (%#)", async (param, body) => {
  const { ask } = await openServe(new ScriptedEngine([]));
  const response = await ask(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: {
      message: expect.stringMatching(/^\S+ must (?:be|have) .+\.$/),
      type: "invalid_request_error",
      param,
      code: null,
    },
  });
});

it.each(["", "{", "[]", "7"])("refuses what is no JSON object: %j", async (body) => {
  const { post } = await openServe(new ScriptedEngine([]));
  const response = await post("/v1/chat/completions", body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { message: expect.stringMatching(/^The request .+\.$/), param: null },
  });
});

it("refuses messages that leave no room for an answer", async () => {
  const content = (words: number) => [{ role: "user", content: "word ".repeat(words) }];
  const { ask } = await openServe(new ScriptedEngine([say("Hi.")], 20));
  const refused = await ask({ messages: content(13), stream: true });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: {
      message: expect.stringMatching(/take 20 tokens; the context has 20/),
      param: "messages",
      code: "context_length_exceeded",
    },
  });
  expect((await ask({ messages: content(12) })).status).toBe(200);
});

it.each([true, false])(
  "says that the engine failed before its first word: stream %s",
  async (stream) => {
    const error = new FamiliarError("engine-failed", "The model failed while it wrote a reply.");
    const { ask, logged } = await openServe(new ScriptedEngine([[fail(error)]]));
    const response = await ask({ stream });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: { message: error.message, type: "server_error", param: null, code: "engine_failed" },
    });
    expect(logged.join()).toContain("A request failed");
  },
);

it("says nothing of a failure that nobody expected but that there was one", async () => {
  const { ask } = await openServe(new ScriptedEngine([[fail(new Error("secret"))]]));
  const response = await ask({});
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
});

it("refuses a schema that the engine does not know", async () => {
  const error = new FamiliarError("input-invalid", "The schema is not one of those I know.");
  const { ask, logged } = await openServe(new ScriptedEngine([[fail(error)]]));
  const response = await ask({ response_format: { type: "json_object" }, stream: true });
  expect(response.status).toBe(400);
  expect(logged).toEqual([]);
});

it("ends a stream with an error when the engine fails within it", async () => {
  const error = new FamiliarError("engine-failed", "The model failed while it wrote a reply.");
  const script: ScriptStep[] = [{ kind: "say", text: "Once" }, fail(error)];
  const { ask } = await openServe(new ScriptedEngine([script]));
  const events = await readEvents(await ask({ stream: true }));
  expect(events.slice(1)).toMatchObject([
    { choices: [{ delta: { content: "Once" } }] },
    { error: { message: error.message, type: "server_error", code: 500 } },
  ]);
});

it("logs what an answer took and nothing that was said", async () => {
  const { ask, logged } = await openServe(new ScriptedEngine([say("Confidential too.")]));
  await (await ask({ messages: [{ role: "user", content: "Confidential" }] })).text();
  await ask({ messages: [{ role: "Confidential", content: "Confidential" }] });
  expect(logged).toHaveLength(1);
  expect(JSON.parse(logged[0] ?? "")).toMatchObject({ reason: "stop", promptTokens: 8 });
  expect(logged.join()).not.toContain("Confidential");
});

it("writes as the engine does, without waiting for the end", async () => {
  const gate = createGate();
  const script: ScriptStep[] = [{ kind: "say", text: "Once" }, waitFor(gate), ...say(" more")];
  const { ask } = await openServe(new ScriptedEngine([script]));
  const response = await ask({ stream: true });
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream());
  let text = "";
  for await (const chunk of reader) {
    text += chunk;
    if (text.includes("Once")) gate.open();
  }
  expect(text).toMatch(/Once.* more.*\[DONE\]\n\n$/s);
});
