import type { Log } from "../../src/chat/ports.ts";

export const silentLog: Log = { info() {}, warn() {}, error() {} };

/** Keeps what it is told. */
export class RecordingLog implements Log {
  readonly lines: string[] = [];

  info(_facts: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push(message);
  }

  warn(_facts: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push(message);
  }

  error(_facts: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push(message);
  }
}
