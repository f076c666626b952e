import { parseArgs } from "node:util";

export interface CommandLine {
  /** Undefined: list the benchmarks. */
  readonly name: string | undefined;
  readonly isJson: boolean;
  readonly rounds: number | undefined;
  readonly tokens: number | undefined;
  readonly threads: number | undefined;
  readonly hasCurve: boolean;
}

/** @throws {Error} for an option that is unknown or no whole number above 0 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string" },
      tokens: { type: "string" },
      threads: { type: "string" },
      curve: { type: "boolean", default: false },
    },
  });
  const [name, ...others] = positionals;
  if (others.length > 0) throw new Error("One benchmark at a time");
  return {
    name,
    isJson: values.json,
    rounds: parseCount("rounds", values.rounds),
    tokens: parseCount("tokens", values.tokens),
    threads: parseCount("threads", values.threads),
    hasCurve: values.curve,
  };
}

function parseCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`--${option} must be a whole number above 0`);
}
