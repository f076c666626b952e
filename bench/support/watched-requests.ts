import { DefaultRestOptions } from "discord.js";
import type { RESTOptions } from "discord.js";

interface SentMessage {
  readonly content: string;
  /** When the server had taken it, on the clock of `performance`. */
  readonly acknowledgedAt: number;
}

export interface RequestWatch {
  /** For the bot's REST client. */
  readonly rest: Partial<RESTOptions>;
  /** Answers with status 429 so far. */
  countRefused(): number;
  /** The first message sent or edited from now on whose text fits. */
  nextSent(fits: (content: string) => boolean, signal: AbortSignal): Promise<SentMessage>;
}

/** Looks on at each request that a REST client makes and at its answer. */
export function watchRequests(rest: Partial<RESTOptions>): RequestWatch {
  const { makeRequest = DefaultRestOptions.makeRequest } = rest;
  const watchers = new Set<(sent: SentMessage) => void>();
  let refused = 0;
  return {
    rest: {
      ...rest,
      async makeRequest(url, init) {
        const response = await makeRequest(url, init);
        if (response.status === 429) refused += 1;
        const content = response.ok ? readContent(init.body) : undefined;
        const acknowledgedAt = performance.now();
        if (content !== undefined) for (const watch of watchers) watch({ content, acknowledgedAt });
        return response;
      },
    },
    countRefused: () => refused,
    nextSent: (fits, signal) =>
      new Promise((resolve, reject) => {
        const watch = (sent: SentMessage): void => {
          if (!fits(sent.content)) return;
          watchers.delete(watch);
          resolve(sent);
        };
        watchers.add(watch);
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
}

function readContent(body: unknown): string | undefined {
  if (typeof body !== "string") return undefined;
  const message: unknown = JSON.parse(body);
  const hasContent = typeof message === "object" && message !== null && "content" in message;
  return hasContent && typeof message.content === "string" ? message.content : undefined;
}
