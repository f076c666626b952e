import { expect, it } from "vitest";
import { findLastExchange } from "../../../src/chat/control/last-exchange.ts";
import { ownTurnAt, turnAt } from "../../support/turns.ts";

const [one, two, reply, three, answer, four] = [
  turnAt(1),
  turnAt(2),
  ownTurnAt(3),
  turnAt(4),
  ownTurnAt(5),
  turnAt(6),
];

it.each([
  ["the last reply and all that it answers", [one, two, reply], [one, two, reply]],
  ["no further back than to the reply before", [one, reply, three, answer], [three, answer]],
  ["what was said since the last reply", [one, reply, three, four], [three, four]],
  ["a reply that answers nothing", [reply, answer], [answer]],
  ["what was said where nobody answered", [one, two], [one, two]],
  ["nothing where there is nothing", [], []],
])("is %s", (_name, turns, exchange) => {
  expect(findLastExchange(turns)).toEqual(exchange);
});
