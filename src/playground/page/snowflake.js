const discordEpochMs = 1_420_070_400_000;
let lastNonce = 0n;

/** A new id in Discord's shape, later than all ids made before it. */
export function createNonce() {
  const now = BigInt(Date.now() - discordEpochMs) << 22n;
  lastNonce = now > lastNonce ? now : lastNonce + 1n;
  return String(lastNonce);
}

/**
 * Ids are numbers too large for JavaScript's: the longer is the later.
 * @param {string} left
 * @param {string} right
 */
export function compareIds(left, right) {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
