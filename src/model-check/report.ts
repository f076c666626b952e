/** A fact about a model, and what it means for its owner. */
export interface Line {
  readonly mark: "ok" | "warning" | "fault";
  readonly text: string;
}

interface Verdict {
  readonly isUsable: boolean;
  readonly sentence: string;
}

const MARK_WIDTH = "warning".length;

/** "warning  It has no chat template." */
export function formatLine({ mark, text }: Line): string {
  return `${mark.padEnd(MARK_WIDTH)}  ${text}`;
}

export function toVerdict(lines: readonly Line[]): Verdict {
  const faults = lines.filter(({ mark }) => mark === "fault").map(({ text }) => text);
  if (faults.length > 0)
    return { isUsable: false, sentence: `It cannot be used: ${faults.join(" ")}` };
  const warnings = lines.filter(({ mark }) => mark === "warning").length;
  if (warnings === 0) return { isUsable: true, sentence: "This model is well suited." };
  const count = warnings === 1 ? "1 warning" : `${warnings} warnings`;
  return { isUsable: true, sentence: `It will work, with ${count}.` };
}

export function ok(text: string): Line {
  return { mark: "ok", text };
}

export function warning(text: string): Line {
  return { mark: "warning", text };
}

export function fault(text: string): Line {
  return { mark: "fault", text: text.endsWith(".") ? text : `${text}.` };
}
