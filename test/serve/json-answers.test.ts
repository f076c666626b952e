import { expect, it } from "vitest";
import { end, say, ScriptedEngine } from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";
import { openServe, readEvents, SAMPLING } from "../support/serve.ts";

const JSON_BODY = { response_format: { type: "json_object" } };

const cutAfter = (...texts: readonly string[]): ScriptStep[] => [
  ...say(...texts).slice(0, -1),
  end("length"),
];

it("asks the engine to end where the grammar's own tail begins", async () => {
  const engine = new ScriptedEngine([say("{}"), say("{}")]);
  const { ask } = await openServe(engine);
  await ask({ ...JSON_BODY, stop: "END" });
  await ask({});
  expect(engine.requests.map(({ sampling }) => sampling.stop)).toEqual([
    ["END", "\n\n\n\n"],
    SAMPLING.stop,
  ]);
});

it.each([
  ['{"a": "b"}', "\n\n"],
  ['{"a": ', '"b"}\n', "\n\n"],
])("ends with the JSON, which is whole even at the limit: %j", async (...texts) => {
  const { ask } = await openServe(new ScriptedEngine([cutAfter(...texts), cutAfter(...texts)]));
  expect(await (await ask(JSON_BODY)).json()).toMatchObject({
    choices: [{ message: { content: '{"a": "b"}' }, finish_reason: "stop" }],
  });
  const events = await readEvents(await ask({ ...JSON_BODY, stream: true }));
  expect(JSON.stringify(events)).not.toContain(String.raw`\n`);
  expect(events.at(-2)).toMatchObject({ choices: [{ finish_reason: "stop" }] });
});

it.each(['{"a": "b', "12"])("calls JSON cut that may go on: %j", async (text) => {
  const { ask } = await openServe(new ScriptedEngine([cutAfter(text)]));
  expect(await (await ask(JSON_BODY)).json()).toMatchObject({
    choices: [{ message: { content: text }, finish_reason: "length" }],
  });
});

it("keeps the blanks within the JSON", async () => {
  const { ask } = await openServe(new ScriptedEngine([say('{\n  "a": "b ', ' c"', "\n", "}\n\n")]));
  expect(await (await ask(JSON_BODY)).json()).toMatchObject({
    choices: [{ message: { content: '{\n  "a": "b  c"\n}' } }],
  });
});
