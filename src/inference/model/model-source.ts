import { createHash } from "node:crypto";
import { posix } from "node:path";

/** Where a model comes from, as MODEL says it. */
export type ModelSource =
  | { readonly kind: "path"; readonly text: string }
  /** `hf:user/repository[:quantisation]`, `hf:user/repository/file.gguf`, or a page of Hugging Face. */
  | { readonly kind: "hub"; readonly text: string }
  | { readonly kind: "web"; readonly text: string; readonly fileName: string };

const HUB_HOSTS: ReadonlySet<string> = new Set(["huggingface.co", "hf.co"]);
const MAX_NAME_CHARACTERS = 100;

/** Text that is no address counts as a path. */
export function parseModelSource(text: string): ModelSource {
  if (text.startsWith("hf:")) return { kind: "hub", text };
  if (!/^https?:/.test(text) || !URL.canParse(text)) return { kind: "path", text };
  const url = new URL(text);
  if (HUB_HOSTS.has(url.hostname)) return { kind: "hub", text };
  return { kind: "web", text, fileName: nameFile(url) };
}

/** Two addresses that end in the same name must not be taken for the same model. */
function nameFile({ href, pathname }: URL): string {
  const digest = createHash("sha256").update(href).digest("hex").slice(0, 8);
  const name = posix.basename(pathname).replaceAll(/[^\w.-]+/g, "_");
  return `${digest}-${name.slice(-MAX_NAME_CHARACTERS)}`;
}

/** Fit to be printed: an address may carry a password or a key. */
export function describeSource({ text }: ModelSource): string {
  if (!URL.canParse(text) || text.startsWith("hf:")) return text;
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

/** Whom a person would blame: "Hugging Face", "models.example". */
export function nameHost(source: ModelSource): string {
  return source.kind === "web" ? new URL(source.text).host : "Hugging Face";
}
