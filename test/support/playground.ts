import {
  type APIApplicationCommand,
  type APIChannel,
  type APIGuild,
  type APIMessage,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
} from "discord-api-types/v10";
import { WebSocket } from "ws";
import {
  type Playground,
  type PlaygroundOptions,
  startPlayground,
} from "../../src/playground/playground.ts";

/** A playground in memory, on any free port. */
export function startTestPlayground(options: Partial<PlaygroundOptions> = {}): Promise<Playground> {
  return startPlayground({ port: 0, dataDir: undefined, ...options });
}

export interface PlaygroundSession {
  readonly apiUrl: string;
  readonly gatewayUrl: string;
  readonly guildId: string;
  readonly applicationId: string;
  readonly botUserId: string;
  readonly channels: readonly { id: string; name: string; type: number }[];
  readonly people: readonly { id: string; username: string; displayName: string; token: string }[];
}

export async function readSession(
  playground: Pick<Playground, "pageUrl">,
): Promise<PlaygroundSession> {
  const response = await fetch(new URL("/playground/session", playground.pageUrl));
  return (await response.json()) as PlaygroundSession;
}

interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

interface GatewayEvent {
  readonly t: string;
  // Events of every kind come through here; each test knows which one it waits for.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly d: any;
}

interface Modal {
  readonly id: string;
  readonly custom_id: string;
  readonly title: string;
  readonly channel_id: string;
  readonly components: readonly unknown[];
}

type CommandOutcome =
  | { readonly kind: "success"; readonly interactionId: string }
  | { readonly kind: "failure"; readonly interactionId: string }
  | { readonly kind: "modal"; readonly interactionId: string; readonly modal: Modal };

/** A file is uploaded, for an option of the type attachment. */
type OptionValues = Readonly<Record<string, string | number | boolean | File>>;

export interface Person extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly session: PlaygroundSession;
  /** #general. */
  readonly channelId: string;
  /** All gateway events so far, oldest first. */
  readonly events: readonly GatewayEvent[];
  /** `path` below /api/v10. Refusals are answers, not errors. */
  request<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** Throws when it is refused. */
  post(channelId: string, content: string, extra?: Record<string, unknown>): Promise<APIMessage>;
  reply(message: APIMessage, content: string): Promise<APIMessage>;
  edit(message: APIMessage, content: string): Promise<APIMessage>;
  remove(message: APIMessage): Promise<void>;
  /** Newest first. */
  messages(channelId: string, limit?: number): Promise<APIMessage[]>;
  message(channelId: string, messageId: string): Promise<APIMessage>;
  openThread(channelId: string, name: string, messageId?: string): Promise<APIChannel>;
  openDm(userId: string): Promise<APIChannel>;
  /** The first event that fits, past ones included; throws after 10 s. */
  waitForEvent(
    type: string,
    fits?: (data: GatewayEvent["d"]) => boolean,
  ): Promise<GatewayEvent["d"]>;
  /** The first state of a message that fits, whether just posted or edited; past ones included. */
  waitForMessage(fits: (message: APIMessage) => boolean): Promise<APIMessage>;
  /** `name` may hold a subcommand: "system show". Resolves when Discord's client would stop waiting. */
  runCommand(name: string, options?: OptionValues, channelId?: string): Promise<CommandOutcome>;
  /** Uses the context-menu command on the message, or on the user, with the id. */
  runContextMenu(name: string, targetId: string, channelId?: string): Promise<CommandOutcome>;
  /** What the bot proposes for the option `focused`, typed so far as its value in `options`. */
  autocomplete(
    name: string,
    focused: string,
    options: OptionValues,
  ): Promise<{ name: string; value: string | number }[]>;
  /** `values` by the custom_id of the text inputs. */
  submitModal(modal: Modal, values: Readonly<Record<string, string>>): Promise<CommandOutcome>;
  /** Uses a button, or a select when there are values. */
  press(message: APIMessage, customId: string, values?: readonly string[]): Promise<CommandOutcome>;
}

/**
 * `name`: "Ada", who owns the guild, or "Ben"; `locale`: the language of their client. Connected to
 * the gateway when it resolves.
 */
export async function connectPerson(
  playground: Pick<Playground, "pageUrl">,
  name: string,
  locale = "en-US",
): Promise<Person> {
  const session = await readSession(playground);
  const self = session.people.find((person) => person.displayName === name);
  if (self === undefined) throw new Error(`nobody here is called ${name}`);
  const events = new EventLog();
  const socket = await openGateway(session.gatewayUrl, self.token, events);
  const ready = await events.wait("READY", () => true);
  await events.wait("GUILD_CREATE", () => true);
  const rest = createRest(session, self.token, locale);
  return {
    ...self,
    ...rest,
    ...createInteractions({ session, rest, events, sessionId: ready.session_id }),
    name,
    session,
    channelId: session.channels[0]?.id ?? "",
    events: events.all,
    waitForEvent: (type, fits = () => true) => events.wait(type, fits),
    waitForMessage: (fits) =>
      events.waitForAny(
        (event) => event.t.startsWith("MESSAGE_") && isMessage(event.d) && fits(event.d),
      ),
    async [Symbol.asyncDispose]() {
      socket.terminate();
    },
  };
}

/** The guild where the bot is no member: of a playground that was started with `hasElsewhere`. */
export async function findElsewhere(
  person: Person,
): Promise<{ readonly guildId: string; readonly channelId: string }> {
  const guilds = await person.request<APIGuild[]>("GET", "/users/@me/guilds");
  const guild = guilds.body.find(({ name }) => name === "Elsewhere");
  if (guild === undefined) throw new Error("there is no elsewhere");
  const channels = await person.request<APIChannel[]>("GET", `/guilds/${guild.id}/channels`);
  return { guildId: guild.id, channelId: channels.body[0]?.id ?? "" };
}

class EventLog {
  readonly all: GatewayEvent[] = [];
  readonly #waiting = new Set<(event: GatewayEvent) => void>();

  add(event: GatewayEvent): void {
    this.all.push(event);
    for (const look of this.#waiting) look(event);
  }

  wait(type: string, fits: (data: GatewayEvent["d"]) => boolean): Promise<GatewayEvent["d"]> {
    return this.waitForAny((event) => event.t === type && fits(event.d), type);
  }

  waitForAny(
    fits: (event: GatewayEvent) => boolean,
    what = "a message",
  ): Promise<GatewayEvent["d"]> {
    const past = this.all.find(fits);
    if (past !== undefined) return Promise.resolve(past.d);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const seen = this.all.map((event) => event.t).join(", ");
        reject(new Error(`waited 10 s in vain for ${what}; seen: ${seen}`));
      }, 10_000);
      const look = (event: GatewayEvent): void => {
        if (!fits(event)) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(event.d);
      };
      this.#waiting.add(look);
    });
  }
}

async function openGateway(url: string, token: string, events: EventLog): Promise<WebSocket> {
  const socket = new WebSocket(`${url}?v=10&encoding=json`);
  socket.on("error", () => {});
  socket.on("message", (data) => {
    // oxlint-disable-next-line typescript/no-base-to-string -- ws hands text over as a Buffer
    const frame = JSON.parse(data.toString()) as { op: number; t: string; d: unknown };
    if (frame.op === 10) socket.send(JSON.stringify({ op: 2, d: { token, properties: {} } }));
    if (frame.op === 0) events.add({ t: frame.t, d: frame.d });
  });
  return socket;
}

type Rest = ReturnType<typeof createRest>;

function createRest(session: PlaygroundSession, token: string, locale: string) {
  const request = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const response = await fetch(`${session.apiUrl}/v10${path}`, {
      method,
      headers: {
        authorization: token,
        "x-discord-locale": locale,
        ...(body === undefined || body instanceof FormData
          ? {}
          : { "content-type": "application/json" }),
      },
      body: body instanceof FormData ? body : body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body: parsed as T };
  };
  const demand = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await request<T>(method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  return {
    request,
    demand,
    post: (channelId: string, content: string, extra: Record<string, unknown> = {}) =>
      demand<APIMessage>("POST", `/channels/${channelId}/messages`, { content, ...extra }),
    reply: (message: APIMessage, content: string) =>
      demand<APIMessage>("POST", `/channels/${message.channel_id}/messages`, {
        content,
        message_reference: { message_id: message.id },
      }),
    edit: (message: APIMessage, content: string) =>
      demand<APIMessage>("PATCH", `/channels/${message.channel_id}/messages/${message.id}`, {
        content,
      }),
    remove: (message: APIMessage) =>
      demand<void>("DELETE", `/channels/${message.channel_id}/messages/${message.id}`),
    messages: (channelId: string, limit = 50) =>
      demand<APIMessage[]>("GET", `/channels/${channelId}/messages?limit=${limit}`),
    message: (channelId: string, messageId: string) =>
      demand<APIMessage>("GET", `/channels/${channelId}/messages/${messageId}`),
    openThread: (channelId: string, name: string, messageId?: string) =>
      messageId === undefined
        ? demand<APIChannel>("POST", `/channels/${channelId}/threads`, { name, type: 11 })
        : demand<APIChannel>("POST", `/channels/${channelId}/messages/${messageId}/threads`, {
            name,
          }),
    openDm: (userId: string) =>
      demand<APIChannel>("POST", "/users/@me/channels", { recipient_id: userId }),
  };
}

let nextNonce = 1;

interface InteractionParts {
  readonly session: PlaygroundSession;
  readonly rest: Rest;
  readonly events: EventLog;
  readonly sessionId: string;
}

function createInteractions({ session, rest, events, sessionId }: InteractionParts) {
  const general = session.channels[0]?.id ?? "";
  const envelope = (type: number, channelId: string) => ({
    type,
    application_id: session.applicationId,
    channel_id: channelId,
    session_id: sessionId,
    nonce: String(nextNonce++),
  });
  const send = async (
    payload: { nonce: string },
    files: readonly File[] = [],
  ): Promise<CommandOutcome> => {
    await rest.demand(
      "POST",
      "/interactions",
      files.length === 0 ? payload : toForm(payload, files),
    );
    const data = await events.waitForAny(
      ({ t, d }) => outcomes.has(t) && d.nonce === payload.nonce,
      "the outcome of an interaction",
    );
    const type = events.all.find((event) => event.d === data)?.t;
    if (type === "INTERACTION_MODAL_CREATE")
      return { kind: "modal", interactionId: data.id, modal: data };
    return {
      kind: type === "INTERACTION_SUCCESS" ? "success" : "failure",
      interactionId: data.id,
    };
  };
  const findCommand = async (
    name: string,
    channelId: string,
    types: readonly ApplicationCommandType[] = [ApplicationCommandType.ChatInput],
  ): Promise<APIApplicationCommand> => {
    const index = await rest.demand<{ application_commands: APIApplicationCommand[] }>(
      "GET",
      `/channels/${channelId}/application-command-index`,
    );
    const command = index.application_commands.find(
      (one) => one.name === name && types.includes(one.type),
    );
    if (command === undefined) throw new Error(`no command /${name} to be found here`);
    return command;
  };
  return {
    async runCommand(name: string, options: OptionValues = {}, channelId = general) {
      const [root = "", ...path] = name.split(" ");
      const command = await findCommand(root, channelId);
      const files = Object.values(options).filter((value) => value instanceof File);
      const data = toCommandData(command, path, { options, files });
      return send(withData(envelope(InteractionType.ApplicationCommand, channelId), data), files);
    },
    async runContextMenu(name: string, targetId: string, channelId = general) {
      const { id, type, version } = await findCommand(name, channelId, contextMenuTypes);
      const data = { id, type, version, name, target_id: targetId };
      return send(withData(envelope(InteractionType.ApplicationCommand, channelId), data));
    },
    async autocomplete(name: string, focused: string, options: OptionValues) {
      const [root = "", ...path] = name.split(" ");
      const command = await findCommand(root, general);
      const data = toCommandData(command, path, { options, files: [], focused });
      const payload = {
        ...envelope(InteractionType.ApplicationCommandAutocomplete, general),
        data,
      };
      await rest.demand("POST", "/interactions", payload);
      const answer = await events.wait(
        "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
        (event) => event.nonce === payload.nonce,
      );
      return answer.choices;
    },
    submitModal(modal: Modal, values: Readonly<Record<string, string>>) {
      const components = Object.entries(values).map(([customId, value]) => ({
        type: 1,
        components: [{ type: 4, custom_id: customId, value }],
      }));
      const data = { id: modal.id, custom_id: modal.custom_id, components };
      return send(withData(envelope(InteractionType.ModalSubmit, modal.channel_id), data));
    },
    press(message: APIMessage, customId: string, values?: readonly string[]) {
      const data = {
        component_type: findComponentType(message.components, customId),
        custom_id: customId,
        ...(values === undefined ? {} : { values }),
      };
      const place = envelope(InteractionType.MessageComponent, message.channel_id);
      return send(withData({ ...place, message_id: message.id }, data));
    },
  };
}

function withData<T extends { nonce: string }>(envelope: T, data: unknown): T & { data: unknown } {
  return { ...envelope, data };
}

const contextMenuTypes = [ApplicationCommandType.User, ApplicationCommandType.Message];

function toForm(payload: unknown, files: readonly File[]): FormData {
  const form = new FormData();
  form.set("payload_json", JSON.stringify(payload));
  for (const [index, file] of files.entries()) form.set(`files[${index}]`, file, file.name);
  return form;
}

/** A button's where the message has no such component: the server is to refuse it. */
function findComponentType(components: unknown, customId: string): number {
  const pending = [components];
  for (const value of pending) {
    if (typeof value !== "object" || value === null) continue;
    const { custom_id: id, type } = value as { custom_id?: unknown; type?: unknown };
    if (id === customId && typeof type === "number") return type;
    pending.push(...Object.values(value));
  }
  return ComponentType.Button;
}

const outcomes = new Set([
  "INTERACTION_SUCCESS",
  "INTERACTION_FAILURE",
  "INTERACTION_MODAL_CREATE",
]);

interface Given {
  readonly options: OptionValues;
  /** Those among the values, in the order of their upload. */
  readonly files: readonly File[];
  readonly focused?: string;
}

function toCommandData(command: APIApplicationCommand, path: readonly string[], given: Given) {
  return {
    version: command.version,
    id: command.id,
    name: command.name,
    type: command.type,
    options: toOptions(command.options ?? [], path, given),
    application_command: command,
    attachments: [],
  };
}

type Definitions = NonNullable<APIApplicationCommand["options"]>;

function toOptions(definitions: Definitions, path: readonly string[], given: Given): unknown[] {
  const [next, ...rest] = path;
  if (next !== undefined) {
    const nested = definitions.find((option) => option.name === next);
    if (nested === undefined) throw new Error(`no subcommand ${next}`);
    const inner = "options" in nested ? (nested.options ?? []) : [];
    return [{ type: nested.type, name: next, options: toOptions(inner, rest, given) }];
  }
  return Object.entries(given.options).map(([name, value]) => {
    const type = definitions.find((option) => option.name === name)?.type;
    const focused = given.focused === name;
    const sent = value instanceof File ? String(given.files.indexOf(value)) : value;
    return { type: type ?? ApplicationCommandOptionType.String, name, value: sent, focused };
  });
}

function isMessage(data: unknown): data is APIMessage {
  return typeof data === "object" && data !== null && "content" in data && "author" in data;
}
