const ownNames = new Set(["127.0.0.1", "localhost"]);

interface RequestHead {
  header(name: string): string | undefined;
}

/**
 * True when a foreign page stands behind the request. The page here knows the people's tokens, so that
 * no other site may read it: neither from its own origin, nor under a name that it lets point here.
 */
export function isForeign(head: RequestHead): boolean {
  const host = head.header("host") ?? "";
  if (!ownNames.has(host.replace(/:\d+$/, ""))) return true;
  const origin = head.header("origin");
  if (origin !== undefined && origin !== `http://${host}`) return true;
  const site = head.header("sec-fetch-site");
  const crossesSites = site === "cross-site" || site === "same-site";
  // A link from elsewhere to the page is no theft.
  return crossesSites && head.header("sec-fetch-mode") !== "navigate";
}
