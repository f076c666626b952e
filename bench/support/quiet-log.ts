import process from "node:process";
import type { Log } from "../../src/chat/ports.ts";

/** Only what would make figures wrong is worth a line. */
export const quietLog: Log = {
  info: () => {},
  warn: (facts, message) => say("warning", facts, message),
  error: (facts, message) => say("error", facts, message),
};

function say(level: string, facts: Readonly<Record<string, unknown>>, message: string): void {
  const { error } = facts;
  const reason = error instanceof Error ? `: ${error.message}` : "";
  process.stderr.write(`${level}: ${message}${reason}\n`);
}
