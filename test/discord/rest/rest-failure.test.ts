import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import { describe, expect, it } from "vitest";
import { decideRestFailure } from "../../../src/discord/rest/rest-failure.ts";

const url = "https://example.com/api/v10/channels/1/messages";
const body = { files: undefined, body: { content: "secret words" } };

function refusal(status: number, code: number): DiscordAPIError {
  return new DiscordAPIError({ code, message: "No" }, code, status, "POST", url, body);
}

describe("a failed request", () => {
  it.each([
    [404, 10_003, "gone"],
    [404, 10_008, "gone"],
    [403, 50_001, "gone"],
    [403, 50_013, "gone"],
    [400, 160_005, "gone"],
    [403, 0, "gone"],
    [404, 0, "gone"],
    [400, 50_083, "archived"],
    [403, 50_083, "archived"],
    [429, 20_028, "limited"],
    [400, 30_046, "limited"],
    [429, 0, "limited"],
    [408, 0, "unknown-outcome"],
    [400, 50_035, "refused"],
    [401, 0, "refused"],
  ])("with status %i and code %i means: %s", (status, code, kind) => {
    expect(decideRestFailure(refusal(status, code))).toMatchObject({ kind, status, code });
  });

  it("of the server may have done its work", () => {
    const error = new HTTPError(502, "Bad Gateway", "POST", url, body);
    expect(decideRestFailure(error)).toMatchObject({ kind: "unknown-outcome", status: 502 });
  });

  it("of the connection may have done its work", () => {
    const error = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    const failure = { kind: "unknown-outcome", status: undefined, reason: "ECONNRESET" };
    expect(decideRestFailure(error)).toMatchObject(failure);
  });

  it("that the REST client held back says how long to wait", () => {
    const error = new RateLimitError({
      global: false,
      hash: "hash",
      limit: 5,
      majorParameter: "1",
      method: "PATCH",
      retryAfter: 1234,
      route: "/channels/:id/messages/:id",
      scope: "user",
      sublimitTimeout: 0,
      timeToReset: 1234,
      url,
    });
    expect(decideRestFailure(error)).toMatchObject({ kind: "limited", retryAfterMs: 1234 });
  });

  it("is described without the request's words and address", () => {
    const described = JSON.stringify(decideRestFailure(refusal(400, 50_035)));
    expect(described).not.toMatch(/secret|example/);
  });
});
