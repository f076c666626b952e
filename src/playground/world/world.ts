import type { z } from "zod";
import {
  FileJournal,
  type Journal,
  type JournalLine,
  memoryJournal,
  readJournal,
} from "./journal.ts";
import { journalFile } from "./journal.ts";
import { MessageLog } from "./message-log.ts";
import {
  type ApplicationRecord,
  applicationRecord,
  type ChannelRecord,
  channelRecord,
  type CommandRecord,
  commandRecord,
  type EmojiRecord,
  emojiRecord,
  type GuildRecord,
  guildRecord,
  type MemberRecord,
  type MessageRecord,
  messageRecord,
  type UserRecord,
  userRecord,
  type WebhookRecord,
  webhookRecord,
} from "./records.ts";
import { Snowflakes } from "./snowflake.ts";
import { join } from "node:path";

/** What there is: people, guilds, channels, messages, commands. Every change goes through `put` and `remove`. */
export class World implements AsyncDisposable {
  readonly users: Table<UserRecord>;
  readonly applications: Table<ApplicationRecord>;
  readonly guilds: Table<GuildRecord>;
  readonly channels: Table<ChannelRecord>;
  readonly commands: Table<CommandRecord>;
  readonly webhooks: Table<WebhookRecord>;
  readonly emojis: Table<EmojiRecord>;
  readonly messages = new MessageLog();
  readonly snowflakes: Snowflakes;
  readonly now: () => number;
  /** Where the server is reached, for the addresses of attachments; known once it listens. */
  origin = "";
  #journal: Journal = memoryJournal;
  readonly #usersByToken = new Map<string, UserRecord>();
  readonly #threadsByParent = new Map<string, Set<string>>();

  constructor(now: () => number) {
    this.now = now;
    this.snowflakes = new Snowflakes(now);
    const note = (line: JournalLine): void => this.#journal.append(line);
    this.users = new Table("users", note);
    this.applications = new Table("applications", note);
    this.guilds = new Table("guilds", note);
    this.channels = new Table("channels", note);
    this.commands = new Table("commands", note);
    this.webhooks = new Table("webhooks", note);
    this.emojis = new Table("emojis", note);
  }

  /** In memory only when there is no folder. */
  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options.now);
    if (options.folder === undefined) return world;
    world.#load(await readJournal(join(options.folder, journalFile)), options.onFault);
    world.#journal = await FileJournal.open({
      folder: options.folder,
      live: () => world.#lines(),
      onFault: options.onFault,
    });
    return world;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#journal[Symbol.asyncDispose]());
  }

  /** The one application of this world; it is there from the first start on. */
  get application(): ApplicationRecord {
    const [application] = this.applications.values();
    if (application === undefined) throw new Error("the world has no application yet");
    return application;
  }

  user(id: string): UserRecord {
    const user = this.users.find(id);
    if (user === undefined) throw new Error(`no user ${id} in the world`);
    return user;
  }

  addUser(user: UserRecord): void {
    this.users.put(user);
    this.#usersByToken.set(user.token, user);
  }

  findUserByToken(token: string): UserRecord | undefined {
    return this.#usersByToken.get(token);
  }

  findMember(guildId: string, userId: string): MemberRecord | undefined {
    return this.guilds.find(guildId)?.members.find((member) => member.userId === userId);
  }

  channelsOf(guildId: string): ChannelRecord[] {
    return [...this.channels.values()].filter((channel) => channel.guildId === guildId);
  }

  threadsOf(parentId: string): ChannelRecord[] {
    const ids = [...(this.#threadsByParent.get(parentId) ?? [])];
    return ids.flatMap((id) => this.channels.find(id) ?? []);
  }

  putChannel(channel: ChannelRecord): void {
    this.channels.put(channel);
    this.#indexThread(channel);
  }

  removeChannel(channel: ChannelRecord): void {
    for (const message of this.messages.in(channel.id).toReversed()) this.removeMessage(message);
    for (const webhook of this.webhooksOf(channel.id)) this.webhooks.remove(webhook.id);
    this.channels.remove(channel.id);
    if (channel.parentId !== null) this.#threadsByParent.get(channel.parentId)?.delete(channel.id);
  }

  webhooksOf(channelId: string): WebhookRecord[] {
    return [...this.webhooks.values()].filter((webhook) => webhook.channelId === channelId);
  }

  putMessage(message: MessageRecord): void {
    this.messages.put(message);
    this.#journal.append(["messages", message.id, message]);
  }

  removeMessage(message: MessageRecord): void {
    if (!this.messages.remove(message.channelId, message.id)) return;
    this.#journal.append(["messages", message.id, null]);
  }

  /** A record that cannot be read is left out, and said. */
  #load(lines: readonly JournalLine[], onFault: (error: unknown) => void): void {
    const latest = this.#findLatest(lines);
    const parse = <Schema extends z.ZodType>(
      collection: string,
      schema: Schema,
    ): z.infer<Schema>[] =>
      [...(latest.get(collection)?.values() ?? [])].flatMap((record) => {
        const parsed = schema.safeParse(record);
        if (!parsed.success && record !== null)
          onFault(new Error(`the saved world has a record in ${collection} that cannot be read`));
        return parsed.success ? [parsed.data] : [];
      });
    for (const user of parse("users", userRecord)) this.addUser(user);
    for (const application of parse("applications", applicationRecord))
      this.applications.put(application);
    for (const guild of parse("guilds", guildRecord)) this.guilds.put(guild);
    for (const channel of parse("channels", channelRecord)) this.putChannel(channel);
    for (const command of parse("commands", commandRecord)) this.commands.put(command);
    for (const webhook of parse("webhooks", webhookRecord)) this.webhooks.put(webhook);
    for (const emoji of parse("emojis", emojiRecord)) this.emojis.put(emoji);
    for (const message of parse("messages", messageRecord)) this.messages.put(message);
  }

  /** The last record of each id, by its collection. */
  #findLatest(lines: readonly JournalLine[]): ReadonlyMap<string, ReadonlyMap<string, unknown>> {
    const latest = new Map<string, Map<string, unknown>>();
    for (const [collection, id, record] of lines) {
      this.snowflakes.exceed(id);
      const records = latest.get(collection) ?? new Map<string, unknown>();
      latest.set(collection, records.set(id, record));
    }
    return latest;
  }

  *#lines(): Iterable<JournalLine> {
    const { users, applications, guilds, channels, commands, webhooks, emojis } = this;
    for (const table of [users, applications, guilds, channels, commands, webhooks, emojis])
      yield* table.lines();
    for (const message of this.messages.all()) yield ["messages", message.id, message];
  }

  #indexThread(channel: ChannelRecord): void {
    if (channel.parentId === null || channel.thread === null) return;
    const threads = this.#threadsByParent.get(channel.parentId) ?? new Set();
    this.#threadsByParent.set(channel.parentId, threads.add(channel.id));
  }
}

interface WorldOptions {
  readonly folder: string | undefined;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

class Table<T extends { readonly id: string }> {
  readonly #records = new Map<string, T>();
  readonly #name: string;
  readonly #note: (line: JournalLine) => void;

  constructor(name: string, note: (line: JournalLine) => void) {
    this.#name = name;
    this.#note = note;
  }

  find(id: string): T | undefined {
    return this.#records.get(id);
  }

  get size(): number {
    return this.#records.size;
  }

  values(): IterableIterator<T> {
    return this.#records.values();
  }

  put(record: T): void {
    this.#records.set(record.id, record);
    this.#note([this.#name, record.id, record]);
  }

  remove(id: string): void {
    if (this.#records.delete(id)) this.#note([this.#name, id, null]);
  }

  *lines(): Iterable<JournalLine> {
    for (const record of this.#records.values()) yield [this.#name, record.id, record];
  }
}
