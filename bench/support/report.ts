import type { Aim, Benchmark, BenchResult, Measure } from "./benchmark.ts";
import { readVersions } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { isReached } from "./statistics.ts";

const LABEL_WIDTH = 10;
const COLUMN_GAP = 2;

export interface Report {
  readonly benchmark: Pick<Benchmark, "name" | "question">;
  readonly result: BenchResult;
  readonly machine: Machine;
}

/** What programs read: one object, whose `figures` are numbers and nothing else. */
export function toJson({ benchmark, machine, result }: Report): string {
  const { measures, remarks = [], settings } = result;
  const report = {
    benchmark: benchmark.name,
    question: benchmark.question,
    machine,
    versions: readVersions(),
    settings,
    figures: Object.fromEntries(measures.map(({ name, value }) => [name, round(value)])),
    spreads: Object.fromEntries(
      measures.flatMap(({ name, spread }) => (spread === undefined ? [] : [[name, spread]])),
    ),
    remarks,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** What people read. */
export function toText({ benchmark, machine, result }: Report): string {
  const lines = [
    `${benchmark.name}: ${benchmark.question}`,
    "",
    toLine("machine", describeMachine(machine)),
    toLine("versions", toPairs(readVersions())),
    toLine("settings", toPairs(result.settings)),
    "",
    ...toTable(result.measures),
    ...(result.remarks ?? []).flatMap((remark) => ["", remark]),
  ];
  return `${lines.join("\n")}\n`;
}

function describeMachine(machine: Machine): string {
  const { busyPercent, cores, cpu, freeMemoryGib, memoryGib, os } = machine;
  return `${cpu}, ${cores} cores (${busyPercent} % busy before), ${memoryGib} GiB (${freeMemoryGib} free), ${os}`;
}

function toLine(label: string, text: string): string {
  return label.padEnd(LABEL_WIDTH) + text;
}

function toPairs(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function toTable(measures: readonly Measure[]): string[] {
  const rows = [["figure", "value", "least", "greatest", "samples", "aim"], ...measures.map(toRow)];
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const gap = " ".repeat(COLUMN_GAP);
  return rows.map((row) =>
    row
      .map((cell, column) => alignCell(cell, widths[column] ?? 0, column))
      .join(gap)
      .trimEnd(),
  );
}

/** Names to the left, numbers to the right. */
function alignCell(cell: string, width: number, column: number): string {
  return column === 0 || column === 5 ? cell.padEnd(width) : cell.padStart(width);
}

function toRow({ aim, name, spread, value }: Measure): string[] {
  const spreadCells =
    spread === undefined
      ? ["", "", ""]
      : [format(spread.least), format(spread.greatest), String(spread.samples)];
  return [name, format(value), ...spreadCells, aim === undefined ? "" : toVerdict(value, aim)];
}

function toVerdict(value: number, aim: Aim): string {
  const words = aim.kind === "at-least" ? "at least" : "at most";
  return `${words} ${aim.bound}: ${isReached(value, aim) ? "yes" : "NO"}`;
}

function format(value: number): string {
  return String(round(value));
}

/** Four digits say more than any of these measurements can. */
function round(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}
