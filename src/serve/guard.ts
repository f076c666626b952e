import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";

interface RequestHead {
  header(name: string): string | undefined;
}

export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
}

/**
 * True when a web page stands behind the request: from an origin of its own or, where no key keeps
 * it out, under a name that it lets point here. It would use the model behind its owner's back.
 */
export function isForeign(head: RequestHead, isKeyed: boolean): boolean {
  const host = head.header("host") ?? "";
  const origin = head.header("origin");
  if (origin !== undefined && origin.replace(/^https?:\/\//, "") !== host) return true;
  return !isKeyed && !isLoopback(toName(host));
}

/** `[::1]:4700` and `localhost:4700` without the port and the brackets. */
function toName(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** Takes as long for a key that is nearly right as for any other. */
export function hasKey(head: RequestHead, key: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(head.header("authorization") ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(key));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
