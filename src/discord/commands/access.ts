import { PermissionFlagsBits } from "discord.js";
import type { BaseInteraction } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import type { Place } from "../../chat/place.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { accessTexts } from "../texts/access.ts";
import { Mistake } from "../texts/mistake.ts";
import { placeOf } from "./interaction-place.ts";
import { assertMayManage } from "./permissions.ts";
import { assertMayChangeLibrary, assertMayManageServer } from "./persona-access.ts";

/** What someone must be allowed for a command, beyond what Discord asks for itself. */
export type Requirement =
  /** To write in the place. */
  | "write"
  /** To manage the messages of others in the place. */
  | "moderate"
  /** To change how Familiar talks in the place. */
  | "manage-place"
  /** The same, and the place must be a thread. */
  | "manage-thread"
  /** The same for the channel, of a thread its parent. */
  | "manage-channel"
  | "manage-server"
  | "change-library";

/** @throws {Mistake | InvalidInput} */
export async function assertAllowed(
  interaction: BaseInteraction,
  requirement: Requirement,
  familiar: Familiar,
): Promise<void> {
  if (requirement === "change-library") {
    await assertMayChangeLibrary(interaction);
    return;
  }
  const place = await placeOf(interaction);
  switch (requirement) {
    case "write":
      assertMayWrite(interaction, place);
      return;
    case "moderate":
      assertMayModerate(interaction, place);
      return;
    case "manage-server":
      assertServer(place);
      assertMayManageServer(interaction);
      return;
    case "manage-thread":
      if (place.kind !== "thread") throw new Mistake(accessTexts.noThread);
      return await assertMayManage(interaction, familiar, place);
    case "manage-channel":
      return await assertMayManage(interaction, familiar, toChannel(place));
    case "manage-place":
      return await assertMayManage(interaction, familiar, place);
    default:
      requirement satisfies never;
  }
}

function assertMayWrite({ memberPermissions }: BaseInteraction, place: Place): void {
  const { SendMessages, SendMessagesInThreads } = PermissionFlagsBits;
  const needed = place.kind === "thread" ? SendMessagesInThreads : SendMessages;
  if (place.kind === "direct" || memberPermissions?.has(needed) === true) return;
  throw new Mistake(accessTexts.write);
}

function assertMayModerate(interaction: BaseInteraction, place: Place): void {
  if (!isModerator(interaction, place)) throw new InvalidInput({ kind: "not-moderator" });
}

/** In direct messages everyone is one. */
export function isModerator({ memberPermissions }: BaseInteraction, place: Place): boolean {
  const needed = PermissionFlagsBits.ManageMessages;
  return place.kind === "direct" || memberPermissions?.has(needed) === true;
}

function assertServer(place: Place): void {
  if (place.kind === "direct") throw new Mistake(accessTexts.noServer);
}

/** The channel itself, or that of a thread. */
export function toChannel(place: Place): Place {
  if (place.kind !== "thread") return place;
  return { kind: "channel", id: place.parentId, guildId: place.guildId };
}
