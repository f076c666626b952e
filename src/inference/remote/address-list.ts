import { FamiliarError } from "../../chat/errors.ts";
import type { Clock } from "../../chat/ports.ts";

/** An address that failed is asked again after this long, or when no other is left. */
const REST_MS = 30_000;

interface Entry {
  readonly address: string;
  restsUntil: number;
}

/** The servers in the order they are given: the first is used until it fails. */
export class AddressList {
  readonly #clock: Clock;
  readonly #entries: readonly Entry[];

  /** @throws {FamiliarError} `config-invalid` */
  constructor(urls: readonly string[], clock: Clock) {
    const addresses = new Set(urls.map(toAddress));
    if (addresses.size === 0) throw urlInvalid("is empty: give the address of a server");
    this.#clock = clock;
    this.#entries = Array.from(addresses, (address) => ({ address, restsUntil: 0 }));
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Where to ask next: the one that rests may rest on while another does not. */
  first(): string {
    const [first, ...others] = this.#entries;
    if (first === undefined) throw new TypeError("There is no address");
    const isReady = ({ restsUntil }: Entry): boolean => restsUntil <= this.#clock.now();
    const soonest = others.reduce(
      (best, entry) => (entry.restsUntil < best.restsUntil ? entry : best),
      first,
    );
    return (this.#entries.find(isReady) ?? soonest).address;
  }

  /** Whether a request that just failed has somewhere else to go at once. */
  hasReady(): boolean {
    return this.#entries.some(({ restsUntil }) => restsUntil <= this.#clock.now());
  }

  setBack(address: string): void {
    for (const entry of this.#entries)
      if (entry.address === address) entry.restsUntil = this.#clock.now() + REST_MS;
  }
}

/** Without the `/v1` that some write and some leave out: tokenizers are beside it, not under it. */
export function toAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw urlInvalid("must be an address that begins with http:// or https://");
  if (url.username !== "" || url.password !== "")
    throw urlInvalid("must hold no user name or password: the key goes into INFERENCE_KEY");
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "").replace(/\/v1$/, "");
}

function urlInvalid(mend: string): FamiliarError {
  return new FamiliarError("config-invalid", `INFERENCE_URL ${mend}.`);
}
