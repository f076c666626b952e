import process from "node:process";
import { toChannelId } from "../../src/chat/ids.ts";
import { openStore } from "../../src/store/open-store.ts";
import { silentLog } from "./database-log.ts";

// Opens the embedded database in the given folder, begins a reply, says so and stays.
const [, , dataDir = ""] = process.argv;
const signal = new AbortController().signal;
const store = await openStore({ databaseUrl: undefined, dataDir, log: silentLog, signal });
const conversation = await store.conversations.open({
  place: { kind: "direct", id: toChannelId("1") },
  isParticipant: true,
});
const replyId = await store.replies.begin(conversation.id, { model: "demo", askedBy: undefined });
await store.replies.saveDraft(replyId, "half a text");
process.stdout.write("ready\n");
setInterval(() => {}, 60_000);
