import { describe, expect, it } from "vitest";
import { toChannelId } from "../../../src/chat/ids.ts";
import { MessageRequests, type ReplyClient } from "../../../src/discord/reply/message-requests.ts";
import { TypingSign } from "../../../src/discord/reply/typing-sign.ts";
import { VirtualTime } from "./virtual-time.ts";

const channelId = toChannelId("100000000000000001");

/** A REST client whose requests stay under way until they are answered. */
class SlowRest {
  readonly signals: AbortSignal[] = [];
  answerLast: () => void = () => {};
  readonly client = {
    user: null,
    rest: {
      post: (_route: string, { signal }: { signal: AbortSignal }) => {
        this.signals.push(signal);
        return new Promise<void>((resolve, reject) => {
          this.answerLast = resolve;
          signal.addEventListener("abort", () => reject(new Error("called off")));
        });
      },
    },
  } as unknown as ReplyClient;
}

function startTyping() {
  const time = new VirtualTime();
  const rest = new SlowRest();
  const requests = new MessageRequests(rest.client, () => "en");
  const sign = new TypingSign(requests, channelId, time.schedule);
  return { time, rest, sign };
}

describe("the typing sign", () => {
  it("is shown at once and kept alive before Discord lets it fade", async () => {
    const { time, rest, sign } = startTyping();
    expect(rest.signals).toHaveLength(1);
    for (let shown = 2; shown < 6; shown += 1) {
      rest.answerLast();
      await time.advance(9000);
      expect(rest.signals).toHaveLength(shown);
    }
    rest.answerLast();
    await sign.stop();
  });

  it("is not shown again once it is stopped", async () => {
    const { time, rest, sign } = startTyping();
    rest.answerLast();
    await sign.stop();
    await time.advance(60_000);
    expect(rest.signals).toHaveLength(1);
  });

  it("is stopped only when its last request has been answered", async () => {
    const { time, rest, sign } = startTyping();
    let isStopped = false;
    const stopping = sign.stop().then(() => (isStopped = true));
    await time.advance(500);
    expect(isStopped).toBe(false);
    rest.answerLast();
    await stopping;
  });

  it("calls a request off that hangs, rather than keep the reply waiting", async () => {
    const { time, rest, sign } = startTyping();
    const stopping = sign.stop();
    await time.advance(1000);
    await stopping;
    expect(rest.signals[0]?.aborted).toBe(true);
  });
});
