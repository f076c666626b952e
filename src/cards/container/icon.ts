import { Buffer } from "node:buffer";
import type { JsonObject, Picture } from "../card.ts";
import { toPicture } from "./picture-type.ts";
import { isObject } from "./parse-json.ts";

const DATA_URI = /^data:image\/[\w.+-]+;base64,/;

/**
 * Where the card says its icon lies: the one named `main`, else the first.
 *
 * @see https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#assets
 */
export function findIconUri(source: JsonObject): string | undefined {
  const data = isObject(source["data"]) ? source["data"] : source;
  const assets: unknown = data["assets"];
  const icons = Array.isArray(assets) ? assets.filter(isObject).filter(isIcon) : [];
  const uri = (icons.find(({ name }) => name === "main") ?? icons[0])?.["uri"];
  return typeof uri === "string" ? uri : undefined;
}

/** A picture that is written out in its address; addresses on the network are not read. */
export function readDataUri(uri: string | undefined): Picture | undefined {
  const head = uri === undefined ? undefined : DATA_URI.exec(uri.slice(0, 64))?.[0];
  if (uri === undefined || head === undefined) return undefined;
  return toPicture(Buffer.from(uri.slice(head.length), "base64"));
}

function isIcon({ type }: JsonObject): boolean {
  return type === "icon";
}
