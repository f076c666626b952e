import { describe, expect, it } from "vitest";
import { decidePgvector } from "../../../src/store/recall/pgvector.ts";
import { createTestDatabase } from "../../support/database.ts";

describe("whether pgvector compares the embeddings", () => {
  const kind = { dimensions: 768 };

  it.each([
    ["it is installed", { installed: "0.8.0", available: "0.8.6" }, "0.8.0"],
    ["it can be installed", { installed: undefined, available: "0.8.6" }, "0.8.6"],
    ["it is much newer", { installed: "1.0.0", available: undefined }, "1.0.0"],
  ])("is so where %s", (_, state, version) => {
    expect(decidePgvector(state, kind)).toEqual({ kind: "use", version });
  });

  it.each([
    ["there is none", { installed: undefined, available: undefined }, /does not have pgvector/],
    ["it is too old", { installed: "0.7.4", available: "0.8.6" }, /0\.7\.4 is older than 0\.8/],
  ])("is not so where %s", (_, state, reason) => {
    expect(decidePgvector(state, kind)).toEqual({
      kind: "without",
      reason: expect.stringMatching(reason),
    });
  });

  it("is not so for more dimensions than it has indexes for", () => {
    const state = { installed: "0.8.6", available: "0.8.6" };
    expect(decidePgvector(state, { dimensions: 4_096 })).toMatchObject({ kind: "without" });
  });

  it("is not so in the embedded database, which says why", async () => {
    await using database = await createTestDatabase("PGlite");
    await using store = await database.open();
    const { description } = await store.openEmbeddings({ key: "0a", dimensions: 8 });
    expect(description).toBe("compared in memory: this database does not have pgvector");
  });
});
