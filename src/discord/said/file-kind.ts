import { MessageFlags } from "discord.js";
import type { APIAttachment } from "discord.js";
import { toMark } from "../../chat/prompt/marks.ts";
import type { MarkKind } from "../../chat/prompt/marks.ts";

/** Discord calls some of these a video or an application: `.ts` is MPEG to it. */
const TEXT_EXTENSIONS: ReadonlySet<string> = new Set(
  `adoc asm bash bat bib c cc cfg clj cmake conf cpp cs css csv cts cxx dart diff dockerfile el elm
  env erl ex exs f90 fs gd glsl go gql gradle graphql groovy h hpp hs htm html ini ipynb java jl js
  json json5 jsonc jsonl jsx kt kts less lisp log lua m make markdown md mjs ml mts ndjson nim nix
  org pas patch php pl pm po properties proto ps1 py r rb rs rst sass scala scm scss sh sql srt
  svelte swift tcl tex text tf toml ts tsv tsx txt vb vim vtt vue wat xml yaml yml zig zsh`.split(
    /\s+/,
  ),
);

const TEXT_TYPE =
  /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|toml|javascript|ecmascript|typescript|sql|x-sh|x-httpd-php|x-ndjson|graphql)\b)/i;

const UNITS = ["bytes", "kB", "MB", "GB"] as const;

type File = Pick<APIAttachment, "content_type" | "duration_secs" | "filename" | "size">;

/** Whether it is worth to be read. */
export function isTextFile({ content_type: type, filename }: File): boolean {
  const extension = filename.slice(filename.lastIndexOf(".") + 1).toLowerCase();
  return TEXT_EXTENSIONS.has(extension) || TEXT_TYPE.test(type ?? "");
}

/** What a file is, in one line, with what else there is to say of it. */
export function describeFile(
  file: Pick<APIAttachment, "description"> & File,
  flags: number,
  ...more: readonly string[]
): string {
  const { description, duration_secs: seconds, filename, size } = file;
  const kind = kindOf(file, flags);
  const length = seconds === undefined ? "" : `${Math.round(seconds)} s`;
  const caption = description == null || description === "" ? "" : `described as: ${description}`;
  const name = kind === "voice message" ? "" : filename;
  return toMark(kind, name, length, describeSize(size), caption, ...more);
}

export function describeSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const amount = bytes / 1_000 ** power;
  return `${amount.toFixed(power === 0 || amount >= 100 ? 0 : 1)} ${UNITS[power] ?? ""}`;
}

function kindOf(file: File, flags: number): MarkKind {
  if ((flags & MessageFlags.IsVoiceMessage) !== 0) return "voice message";
  if (isTextFile(file)) return "attachment";
  const [type] = (file.content_type ?? "").split("/");
  return type === "image" || type === "video" || type === "audio" ? type : "attachment";
}
