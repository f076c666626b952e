import { type Client, RESTEvents } from "discord.js";
import type { APIMessage } from "discord-api-types/v10";
import type { ReplyPart } from "../../../src/chat/conversation.ts";
import { type ChannelId, toChannelId, toGuildId } from "../../../src/chat/ids.ts";
import type { Place } from "../../../src/chat/place.ts";
import type { Log } from "../../../src/chat/ports.ts";
import type {
  ReplySurface,
  ReplyView,
  ReplyViewRequest,
  SavePart,
  ShownEnding,
} from "../../../src/chat/reply-surface.ts";
import { createReplySurface } from "../../../src/discord/reply/reply-surface.ts";
import { createRestOptions } from "../../../src/discord/rest/rest-options.ts";
import type { Playground, PlaygroundOptions } from "../../../src/playground/playground.ts";
import { connectPerson, type Person, startTestPlayground } from "../../support/playground.ts";
import { type Bot, connectBot } from "../../support/playground-bot.ts";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export const MESSAGES = "/channels/:channel/messages";
export const ONE_MESSAGE = "/channels/:channel/messages/:message";

/** A bot that writes replies into a channel where Ada reads them. */
export interface ReplyScene extends AsyncDisposable {
  readonly playground: Playground;
  readonly bot: Bot;
  readonly ada: Person;
  readonly surface: ReplySurface;
  readonly channelId: ChannelId;
  readonly place: Place;
  /** The bot's answered requests, oldest first. */
  readonly requests: readonly Request[];
  readonly logged: readonly unknown[][];
  readonly saved: ReplyPart[];
  readonly savePart: SavePart;
  /** The surface of a process that knows nothing of the messages so far. */
  readonly restart: () => ReplySurface;
  readonly open: (request?: Partial<ReplyViewRequest>) => ReplyView;
  /** Oldest first, the bot's only. */
  readonly botMessages: (channelId?: string) => Promise<APIMessage[]>;
  readonly botContents: () => Promise<string[]>;
  readonly count: (method: string, status?: number) => number;
}

type Limits = NonNullable<PlaygroundOptions["limits"]>;

export async function startReplyScene(
  limits: Limits = { messageEdit: { requests: 5, perMs: 500 } },
): Promise<ReplyScene> {
  const playground = await startTestPlayground({ limits });
  const rest = createRestOptions({ apiUrl: playground.apiUrl });
  const bot = await connectBot(playground, { rest });
  const ada = await connectPerson(playground, "Ada");
  const { log, saved, ...recorded } = recordOf(bot.client);
  const restart = () => createReplySurface({ client: bot.client, clock: performance, log });
  const surface = restart();
  const channelId = toChannelId(ada.channelId);
  const place = {
    kind: "channel",
    id: channelId,
    guildId: toGuildId(ada.session.guildId),
  } as const;
  const savePart = async (part: ReplyPart): Promise<void> => void saved.push(part);
  const botMessages = async (channel: string = channelId): Promise<APIMessage[]> => {
    const messages = await ada.messages(channel);
    return messages.filter(({ author }) => author.id === ada.session.botUserId).toReversed();
  };
  return {
    ...recorded,
    playground,
    bot,
    ada,
    surface,
    channelId,
    place,
    saved,
    savePart,
    restart,
    botMessages,
    open: (request) => surface.open({ place, answering: undefined, savePart, ...request }),
    botContents: async () => (await botMessages()).map(({ content }) => content),
    async [Symbol.asyncDispose]() {
      await ada[Symbol.asyncDispose]();
      await bot[Symbol.asyncDispose]();
      await playground[Symbol.asyncDispose]();
    },
  };
}

function recordOf(client: Client) {
  const requests: Request[] = [];
  const logged: unknown[][] = [];
  const saved: ReplyPart[] = [];
  client.rest.on(RESTEvents.Response, ({ method, path }, { status }) => {
    requests.push({ method, path, status });
  });
  const write = (...line: unknown[]): void => void logged.push(line);
  const log: Log = { info: write, warn: write, error: write };
  const count = (method: string, status?: number): number =>
    requests.filter((one) => one.method === method && (status ?? one.status) === one.status).length;
  return { requests, logged, saved, log, count };
}

export function ending(text: string, beside: Partial<ShownEnding> = {}): ShownEnding {
  return { text, notice: undefined, thoughts: undefined, ...beside };
}

export function isShown(content: string): (message: APIMessage) => boolean {
  return (message) => message.content === content;
}

/** The next answer to a request of the bot. */
export function nextAnswer(client: Client, ...methods: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = (request: { method: string }): void => {
      if (!methods.includes(request.method.toUpperCase())) return;
      client.rest.off(RESTEvents.Response, look);
      resolve();
    };
    client.rest.on(RESTEvents.Response, look);
  });
}
