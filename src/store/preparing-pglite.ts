import { parse, PGlite, protocol } from "@electric-sql/pglite";
import type { QueryOptions, Results } from "@electric-sql/pglite";

/** A statement with a list has a text for each length of it. */
const MOST_PREPARED = 128;
/** Of long lists, hardly one is as long as another; the plan of one may take megabytes. */
const MOST_VALUES = 64;
/**
 * A plan is one for the sizes that tables had. In a server, what counts rows in the background has them
 * made anew; here nothing does, and one that was made for an empty table would read all of a long
 * history for ever.
 */
const MOST_USES = 100;
const MOST_AGE_MS = 60_000;

type Messages = Awaited<ReturnType<PGlite["execProtocolStream"]>>;

interface Prepared {
  readonly name: string;
  readonly parameterTypes: readonly number[];
  readonly preparedAt: number;
  uses: number;
}

/**
 * PGlite parses and plans a statement each time it is asked for, which takes as long as running a
 * short one. Here that is done now and then, as servers' drivers do it once.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class PreparingPglite extends PGlite {
  /** By their texts; the one that was used longest ago is first. */
  readonly #prepared = new Map<string, Prepared>();
  #number = 0;

  /** In memory alone where there is no folder. */
  static async open(folder?: string): Promise<PreparingPglite> {
    const client = new PreparingPglite(folder);
    await client.waitReady;
    return client;
  }

  override async query<Row>(
    text: string,
    values: unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Results<Row>> {
    // PGlite's own way has words for a database that is not ready.
    if (!this.ready || values.length > MOST_VALUES) return await super.query(text, values, options);
    const { parsers: ownParsers, ...others } = options;
    // PGlite would copy hundreds of parsers, one for each type that there is.
    const parsers = Object.assign(Object.create(this.parsers), ownParsers);
    return await this.#runAlone(async () => {
      const messages = await this.#run(text, values);
      await this.syncToFs();
      const [results] = parse.parseResults(messages, parsers, others);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as PGlite's own, the rows are what the caller says
      return results as Results<Row>;
    });
  }

  /** Neither beside another statement nor within somebody else's transaction. */
  #runAlone<Result>(work: () => Promise<Result>): Promise<Result> {
    return this._runExclusiveTransaction(() => this.runExclusive(work));
  }

  async #run(text: string, values: readonly unknown[]): Promise<Messages> {
    try {
      return await this.#untilSync(() => this.#execute(text, values));
    } catch (error) {
      // What it was planned for may have changed.
      await this.#untilSync(() => this.#discard(text));
      throw error;
    }
  }

  /** After an error, the database hears nothing until there is a sync. */
  async #untilSync(send: () => Promise<Messages>): Promise<Messages> {
    const messages: Messages = [];
    try {
      messages.push(...(await send()));
    } finally {
      messages.push(...(await this.#send(protocol.serialize.sync())));
    }
    return messages;
  }

  async #execute(text: string, values: readonly unknown[]): Promise<Messages> {
    const { serialize } = protocol;
    const statement = await this.#prepare(text);
    const bound = { statement: statement.name, values: this.#toTexts(values, statement) };
    return [
      ...(await this.#send(serialize.bind(bound))),
      ...(await this.#send(serialize.describe({ type: "P" }))),
      ...(await this.#send(serialize.execute())),
    ];
  }

  async #prepare(text: string): Promise<Prepared> {
    const known = this.#prepared.get(text);
    if (known !== undefined && isWornOut(known)) await this.#discard(text);
    const statement = this.#prepared.get(text) ?? (await this.#parse(text));
    statement.uses += 1;
    this.#prepared.delete(text);
    this.#prepared.set(text, statement);
    const [oldest] = this.#prepared.keys();
    if (oldest !== undefined && this.#prepared.size > MOST_PREPARED) await this.#discard(oldest);
    return statement;
  }

  async #parse(text: string): Promise<Prepared> {
    const { serialize } = protocol;
    this.#number += 1;
    const name = `familiar_${this.#number}`;
    await this.#send(serialize.parse({ name, text }));
    const described = await this.#send(serialize.describe({ type: "S", name }));
    const parameterTypes = parse.parseDescribeStatementResults(described);
    return { name, parameterTypes, preparedAt: performance.now(), uses: 0 };
  }

  async #discard(text: string): Promise<Messages> {
    const statement = this.#prepared.get(text);
    if (statement === undefined) return [];
    this.#prepared.delete(text);
    return await this.#send(protocol.serialize.close({ type: "S", name: statement.name }));
  }

  #toTexts(values: readonly unknown[], { parameterTypes }: Prepared): (string | null)[] {
    return values.map((value, index) => {
      if (value === null || value === undefined) return null;
      const serialize = this.serializers[parameterTypes[index] ?? 0];
      // oxlint-disable-next-line typescript/no-base-to-string -- as PGlite's own
      return serialize === undefined ? String(value) : serialize(value);
    });
  }

  #send(message: Uint8Array): Promise<Messages> {
    return this.execProtocolStream(message, { syncToFs: false });
  }
}

function isWornOut({ preparedAt, uses }: Prepared): boolean {
  return uses >= MOST_USES || performance.now() - preparedAt > MOST_AGE_MS;
}
