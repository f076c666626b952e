import { expect, it } from "vitest";
import { AddressList, toAddress } from "../../../src/inference/remote/address-list.ts";
import { HandClock } from "../../support/hand-clock.ts";

const FIRST = "http://first:8000";
const SECOND = "http://second:8000";

it.each([
  ["http://localhost:8000", "http://localhost:8000"],
  ["http://localhost:8000/v1/", "http://localhost:8000"],
  ["https://example.org/api/v1", "https://example.org/api"],
  ["https://example.org/api//", "https://example.org/api"],
  ["https://example.org/v1/chat?key=1#there", "https://example.org/v1/chat"],
])("%s is the server %s", (url, address) => {
  expect(toAddress(url)).toBe(address);
});

it("uses the first address until it fails, and again when it has rested", () => {
  const clock = new HandClock();
  const addresses = new AddressList([FIRST, SECOND, `${FIRST}/v1`], clock);
  expect(addresses.size).toBe(2);
  addresses.setBack(FIRST);
  expect(addresses.first()).toBe(SECOND);
  clock.advance(29_999);
  expect(addresses.first()).toBe(SECOND);
  clock.advance(1);
  expect(addresses.first()).toBe(FIRST);
});

it("uses the one that has rested longest where all have failed", () => {
  const clock = new HandClock();
  const addresses = new AddressList([FIRST, SECOND], clock);
  addresses.setBack(SECOND);
  clock.advance(1_000);
  expect(addresses.hasReady()).toBe(true);
  addresses.setBack(FIRST);
  expect(addresses.hasReady()).toBe(false);
  expect(addresses.first()).toBe(SECOND);
});
