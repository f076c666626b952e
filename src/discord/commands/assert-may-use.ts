import type { BaseInteraction } from "discord.js";
import { toChannelId, toGuildId, toRoleId, toUserId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { mayUse } from "../../chat/settings/access.ts";
import type { SettingsLibrary } from "../../chat/settings/settings-library.ts";
import { findPlace } from "../find-place.ts";
import { accessTexts } from "../texts/access.ts";
import { Mistake } from "../texts/mistake.ts";
import { isGuest } from "./installation.ts";

/** @throws {Mistake} where the settings of the place say that Familiar does not answer the person */
export async function assertMayUse(
  interaction: BaseInteraction,
  settings: Pick<SettingsLibrary, "effective">,
): Promise<void> {
  // Where Familiar is no member, nobody has set anything.
  if (interaction.guildId === null || isGuest(interaction)) return;
  const place = await findWhere(interaction, interaction.guildId);
  const { values } = await settings.effective(place);
  const member = { userId: toUserId(interaction.user.id), roles: rolesOf(interaction) };
  if (mayUse(values, place, member) === "denied") throw new Mistake(accessTexts.denied);
}

/** What Familiar cannot see counts as a channel of its own: the server's rules hold there too. */
async function findWhere({ channelId, client }: BaseInteraction, guildId: string): Promise<Place> {
  const id = toChannelId(channelId ?? guildId);
  try {
    return await findPlace(client, id);
  } catch {
    return { kind: "channel", id, guildId: toGuildId(guildId) };
  }
}

function rolesOf({ member }: BaseInteraction) {
  if (member === null) return [];
  const { roles } = member;
  return (Array.isArray(roles) ? roles : [...roles.cache.keys()]).map(toRoleId);
}
