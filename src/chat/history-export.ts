import type { HistoryEntry } from "./conversation.ts";

export type HistoryFormat = "markdown" | "chatml-json";

/** Where an export begins: what the conversation is called and the prompt that holds in it. */
export interface HistoryHeader {
  readonly title: string;
  readonly systemPrompt: string;
}

/** The whole stored conversation as one file's text. */
export function formatHistory(
  entries: readonly HistoryEntry[],
  format: HistoryFormat,
  header: HistoryHeader,
): string {
  switch (format) {
    case "markdown":
      return toMarkdown(entries, header);
    case "chatml-json":
      return toChatMlJson(entries, header);
    default:
      return format satisfies never;
  }
}

function toMarkdown(entries: readonly HistoryEntry[], header: HistoryHeader): string {
  const system = header.systemPrompt === "" ? [] : ["## System prompt", header.systemPrompt];
  const turns = entries.flatMap((entry) => [
    `## ${(entry.speaker?.name ?? entry.character ?? "Familiar").replaceAll(/\s+/g, " ")} · ${entry.saidAt.toISOString()}${remark(entry)}`,
    entry.text,
  ]);
  return `${[`# ${header.title}`, ...system, ...turns].join("\n\n")}\n`;
}

function remark(entry: HistoryEntry): string {
  const ending = entry.finishReason ?? "stop";
  const remarks = [
    ...(ending === "stop" ? [] : [ending]),
    ...(entry.isInView ? [] : ["no longer in the prompt"]),
  ];
  return remarks.length === 0 ? "" : ` · ${remarks.join(", ")}`;
}

/** The list of messages that ChatML tools and training scripts read, with our facts beside each. */
function toChatMlJson(entries: readonly HistoryEntry[], header: HistoryHeader): string {
  const system =
    header.systemPrompt === "" ? [] : [{ role: "system", content: header.systemPrompt }];
  const messages = entries.map((entry) => ({
    role: entry.role,
    content: entry.text,
    ...toName(entry),
    saidAt: entry.saidAt.toISOString(),
    ...(entry.finishReason === undefined ? {} : { finishReason: entry.finishReason }),
    isInView: entry.isInView,
  }));
  const document = { title: header.title, messages: [...system, ...messages] };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function toName({ character, speaker }: HistoryEntry): { readonly name?: string } {
  const name = speaker?.name ?? character;
  return name === undefined ? {} : { name };
}
