import type { Text } from "./text.ts";

/** A whole number with its thousands apart. */
export function group(number: number): Text {
  return { en: number.toLocaleString("en-US"), de: number.toLocaleString("de-DE") };
}

export function toMilliseconds({ de, en }: Text): Text {
  return { en: `${en} ms`, de: `${de} ms` };
}

export function toSeconds({ de, en }: Text): Text {
  return { en: `${en} s`, de: `${de} s` };
}

/** A number with a few decimals, whose sign is a comma in German. */
export function toDecimal(number: number, decimals: number): Text {
  const en = number.toFixed(decimals);
  return { en, de: en.replace(".", ",") };
}
