import pino from "pino";
import pretty from "pino-pretty";
import type { Log } from "./chat/ports.ts";

export interface LogSettings {
  readonly level: string;
  /** Lines for people, or JSON lines for a log collector. */
  readonly format: "text" | "json";
}

/** What may be said of an error: nothing that quotes a request, a row or a person. */
const SAFE_ERROR_FIELDS = ["name", "code", "status", "method"] as const;

/** Writes to standard output at once, so that nothing is lost when the process ends. */
export function createLog({ format, level }: LogSettings): Log {
  const options = {
    level,
    base: null,
    serializers: { error: (error: unknown) => toSafeError(error) },
  };
  if (format === "json") return pino(options, pino.destination({ dest: 1, sync: true }));
  const stream = pretty({
    colorize: process.stdout.isTTY,
    ignore: "hostname,pid",
    singleLine: true,
    sync: true,
    translateTime: "SYS:HH:MM:ss",
  });
  return pino(options, stream);
}

/** An error may be its own cause. */
const MAX_CAUSES = 5;

/** Our own errors speak in plain sentences; of others only the kind and the place are kept. */
export function toSafeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields = new Map<string, unknown>(Object.entries(error));
  const facts = SAFE_ERROR_FIELDS.flatMap((name) => {
    const value = name === "name" ? error.name : fields.get(name);
    return typeof value === "string" || typeof value === "number" ? [[name, value]] : [];
  });
  const said = error.name === "FamiliarError" ? { message: error.message } : {};
  const hasCause = error.cause !== undefined && depth < MAX_CAUSES;
  const causes = hasCause ? { cause: toSafeError(error.cause, depth + 1) } : {};
  return { ...Object.fromEntries(facts), ...said, stack: toFrames(error), ...causes };
}

/** The frames alone: a stack begins with the message, and its lines may look like frames. */
function toFrames({ message, stack = "" }: Error): readonly string[] {
  const messageAt = stack.indexOf(message);
  if (messageAt === -1) return [];
  return stack
    .slice(messageAt + message.length)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .slice(0, 5);
}
