import process from "node:process";
import { FamiliarError } from "../../src/chat/errors.ts";
import { createLog } from "../../src/log.ts";

// Writes a few lines at the given level and in the given format, and ends at once.
const [, , level = "", format = ""] = process.argv;
const log = createLog({ level, format: format === "json" ? "json" : "text" });

const cause = Object.assign(new Error("secret\nat secret"), { parameters: ["secret"] });
log.info({ reason: "stop", replyTokens: 4 }, "Replied");
log.warn({ error: cause }, "A draft could not be stored");
log.error({ error: new FamiliarError("store-failed", "It said no.", { cause }) }, "A turn failed");
process.exit(0);
