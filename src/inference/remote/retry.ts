import type { Clock, Log } from "../../chat/ports.ts";
import { untilAborted } from "../model/until-aborted.ts";
import type { AddressList } from "./address-list.ts";
import { ServerFailure } from "./server-failure.ts";

/** Tries of one address; each further address adds one. */
const MAX_TRIES = 4;
const MAX_TOTAL_MS = 30_000;
const FIRST_WAIT_MS = 500;

export interface RetryParts {
  readonly addresses: AddressList;
  readonly clock: Clock;
  readonly log: Log | undefined;
  /** From 0 to 1, so that those who failed together do not come back together. */
  readonly random: () => number;
}

/**
 * Tries until something else comes back than a failure that passes, half a minute at most: at once
 * where another address is ready, else after a wait that doubles, or as long as the server asks for.
 *
 * @throws what the last attempt rejected with
 * @throws the signal's reason once it is aborted
 */
export async function withRetries<Result>(
  parts: RetryParts,
  signal: AbortSignal,
  attempt: (address: string) => Promise<Result>,
): Promise<Result> {
  const { addresses, clock, log } = parts;
  const deadline = clock.now() + MAX_TOTAL_MS;
  const maxTries = MAX_TRIES + addresses.size - 1;
  for (let tries = 1; ; tries += 1) {
    const address = addresses.first();
    try {
      return await attempt(address);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ServerFailure && error.isPassing)) throw error;
      addresses.setBack(address);
      const waitMs = addresses.hasReady() ? 0 : decideWait(error, tries, parts.random);
      if (tries >= maxTries || clock.now() + waitMs > deadline) throw error;
      const { code, status } = error;
      log?.warn({ address, code, status, waitMs }, "The inference server failed; trying again");
      if (waitMs > 0) await untilAborted(clock.wait(waitMs), signal);
    }
  }
}

function decideWait(failure: ServerFailure, tries: number, random: () => number): number {
  const waitMs = FIRST_WAIT_MS * 2 ** (tries - 1);
  return Math.round(Math.max(failure.retryAfterMs ?? 0, waitMs * (0.5 + random() / 2)));
}
