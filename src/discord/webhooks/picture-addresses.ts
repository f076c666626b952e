import { createHash } from "node:crypto";
import { Routes } from "discord.js";
import type { Client } from "discord.js";
import type { RowId } from "../../chat/conversation.ts";
import type { Clock, Log } from "../../chat/ports.ts";
import { withDeadline } from "../rest/deadline.ts";
import { fieldOf } from "../../chat/field-of.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";

/** A card's picture as a data URI of at most 256 KiB; undefined where there is none. */
export type LoadPicture = (cardId: RowId) => Promise<string | undefined>;

export interface PictureAddressesOptions {
  readonly client: Pick<Client, "application" | "rest">;
  readonly clock: Pick<Clock, "now">;
  readonly loadPicture: LoadPicture;
  readonly log: Log;
}

/** A reply waits no longer than this, and then goes out without the picture. */
const DEADLINE_MS = 5000;
const FAILED_PAUSE_MS = 600_000;
const SIDE = 128;

/**
 * Public addresses of personas' pictures. Attachments' addresses expire, an application's emojis stay:
 * each picture is uploaded as one, once, under a name that its content gives it.
 *
 * @see https://docs.discord.com/developers/resources/emoji#application-owned-emoji
 */
export class PictureAddresses {
  readonly #options: PictureAddressesOptions;
  readonly #known = new Map<RowId, Promise<string | undefined>>();
  #failedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: PictureAddressesOptions) {
    this.#options = options;
  }

  /** Undefined where there is none, or Discord does not take it. Never rejects; calls may overlap. */
  find(cardId: RowId): Promise<string | undefined> {
    const known = this.#known.get(cardId);
    if (known !== undefined) return known;
    if (this.#options.clock.now() < this.#failedUntil) return Promise.resolve(undefined);
    const found = this.#obtain(cardId);
    this.#known.set(cardId, found);
    return found;
  }

  async #obtain(cardId: RowId): Promise<string | undefined> {
    const { client, clock, loadPicture, log } = this.#options;
    try {
      const picture = await loadPicture(cardId);
      if (picture === undefined) return undefined;
      const id = await this.#upload(picture);
      return client.rest.cdn.emoji(id, { extension: "png", size: SIDE });
    } catch (error) {
      log.info({ ...decideRestFailure(error) }, "A persona's picture could not be uploaded");
      this.#failedUntil = clock.now() + FAILED_PAUSE_MS;
      this.#known.delete(cardId);
      return undefined;
    }
  }

  /** Returns the emoji's id; one that is there already is taken. */
  async #upload(picture: string): Promise<string> {
    const { application, rest } = this.#options.client;
    const route = Routes.applicationEmojis(application?.id ?? "");
    const name = `persona_${createHash("sha256").update(picture).digest("hex").slice(0, 24)}`;
    const listed = await withDeadline(DEADLINE_MS, (signal) => rest.get(route, { signal }));
    const items = fieldOf(listed, "items");
    const there: unknown = Array.isArray(items)
      ? items.find((item) => fieldOf(item, "name") === name)
      : undefined;
    const body = { name, image: picture };
    const emoji =
      there ?? (await withDeadline(DEADLINE_MS, (signal) => rest.post(route, { body, signal })));
    const id = fieldOf(emoji, "id");
    if (typeof id !== "string") throw new Error("An emoji has no id");
    return id;
  }
}
