import process from "node:process";
import { openStore } from "../../src/store/open-store.ts";
import { startOn } from "./bot.ts";
import { silentLog } from "./database-log.ts";
import { createGate, ScriptedEngine, waitFor } from "./scripted-engine.ts";

/** A bot that says half of a reply and then hangs, for a test to kill. */
const [apiUrl = "", botToken = "", databaseUrl = "", text = ""] = process.argv.slice(2);
const signal = new AbortController().signal;
const store = await openStore({ databaseUrl, dataDir: "", log: silentLog, signal });
const engine = new ScriptedEngine([[{ kind: "say", text }, waitFor(createGate())]]);
await startOn({ engine, playground: { apiUrl, botToken }, store });
process.stdout.write("ready\n");
