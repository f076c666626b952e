import process from "node:process";

const BAR_WIDTH = 30;

/** A step that a log without a terminal can bear: one line for each tenth. */
const PLAIN_STEPS = 10;

/** Work that is done sooner is not worth a line. */
const QUIET_MS = 1_000;

/** Shows long work: a bar that fills on a terminal, a line now and then elsewhere. */
export function createProgress(what: string): (share: number, detail?: string) => void {
  let shown = -1;
  const steps = process.stdout.isTTY ? 200 : PLAIN_STEPS;
  let startedAt: number | undefined;
  return (share, detail = "") => {
    startedAt ??= performance.now();
    if (performance.now() - startedAt < QUIET_MS) return;
    const step = Math.floor(Math.min(1, Math.max(0, share)) * steps);
    if (step <= shown) return;
    shown = step;
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    if (!process.stdout.isTTY) {
      process.stdout.write(`${what}: ${percent.trim()} ${detail}\n`);
      return;
    }
    const filled = Math.round(share * BAR_WIDTH);
    const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
    process.stdout.write(`\r${what} ${bar} ${percent} ${detail}${share >= 1 ? "\n" : ""}`);
  };
}
