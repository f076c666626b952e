import { setImmediate as settle } from "node:timers/promises";
import { expect, it } from "vitest";
import { toChannelId } from "../../src/chat/ids.ts";
import { openOwnEmbedder } from "../../src/inference/embedding/own-embedder.ts";
import { startTestBot, waitForReply } from "../support/bot.ts";
import { writeEmbeddingModel } from "../support/embedding-model.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

const { signal } = new AbortController();
const ALL = { from: 0, before: undefined };

it("embeds what left the view after a reply, and has nothing of it once it is taken back", async () => {
  await using file = await writeEmbeddingModel();
  await using own = await openOwnEmbedder({ modelPath: file.path, gpu: "off", threads: 1, signal });
  const { embedder } = own;
  const engine = new ScriptedEngine([say("One."), say("Two.")]);
  await using test = await startTestBot(engine, {
    embedder,
    settings: { quietMs: 0, recallTokens: 512 },
  });
  const { ada, store } = test;
  const { embeddings } = await store.openEmbeddings(embedder);
  const dm = await ada.openDm(ada.session.botUserId);
  const message = await ada.post(dm.id, "My puppy is unhappy");
  await waitForReply(ada, dm.id, "One.");
  const { id = 0 } = (await store.conversations.find(toChannelId(dm.id))) ?? {};
  await store.recall.index(id, 2);
  expect((await embeddings.pending(id, ALL)).turns).toHaveLength(2);

  await ada.post(dm.id, "Go on");
  await waitForReply(ada, dm.id, "Two.");
  while ((await embeddings.pending(id, ALL)).turns.length > 0) await settle();
  const [embedding = new Float32Array()] = await embedder.embed(
    ["A sad hound"],
    "question",
    signal,
  );
  const query = { conversationId: id, embedding, before: 2, limit: 1 };
  const { turns } = await embeddings.nearest(query);
  expect(turns).toEqual([{ position: 0, stretch: 0, similarity: expect.closeTo(1, 1) }]);

  await ada.remove(message);
  while ((await embeddings.nearest(query)).compared > 1) await settle();
  const left = await embeddings.nearest(query);
  expect(left.turns.map(({ position }) => position)).toEqual([1]);
});
