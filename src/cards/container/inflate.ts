import { inflate, inflateRaw } from "node:zlib";

export interface InflateLimits {
  /** Without zlib's own head, as in zip files. */
  readonly isRaw: boolean;
  readonly maxBytes: number;
}

/** Undefined: damaged, or more than the limit; no more than the limit is ever held. */
export function inflateWithin(
  bytes: Uint8Array,
  { isRaw, maxBytes }: InflateLimits,
): Promise<Uint8Array | undefined> {
  const decompress = isRaw ? inflateRaw : inflate;
  return new Promise((resolve) => {
    decompress(bytes, { maxOutputLength: maxBytes }, (error, inflated) => {
      resolve(error === null ? inflated : undefined);
    });
  });
}
