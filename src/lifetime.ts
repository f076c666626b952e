import process from "node:process";
import { FamiliarError } from "./chat/errors.ts";

/** `EX_CONFIG` of sysexits.h: a setting is wrong, and starting again will not help. */
const CONFIG_EXIT_CODE = 78;

/** A graceful stop takes at most this long. */
const STOP_DEADLINE_MS = 10_000;

/** Aborted by the first signal to stop; a second one, or the deadline, ends the process at once. */
export function listenForStop(): AbortSignal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort(new Error(`Stopped by ${name}`));
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGBREAK"] as const) process.on(name, onSignal);
  return stop.signal;
}

/**
 * Runs the program to its end and exits with the status that says how it went. An expected failure
 * is one plain text for people; anything else is a bug and shows its stack.
 */
export async function runToExit(
  run: (stop: AbortSignal) => Promise<void>,
  stop: AbortSignal,
): Promise<never> {
  try {
    await run(stop);
  } catch (error) {
    if (!stop.aborted || error !== stop.reason) process.exit(report(error));
  }
  process.exit(0);
}

function report(error: unknown): number {
  if (!(error instanceof FamiliarError)) throw error;
  process.stderr.write(`${error.message}\n`);
  const isConfig = error.code === "config-invalid" || error.code === "model-invalid";
  return isConfig ? CONFIG_EXIT_CODE : 1;
}
