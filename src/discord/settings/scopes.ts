import type { BaseInteraction } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import type { Place } from "../../chat/place.ts";
import type { SettingsScope } from "../../chat/settings/settings.ts";
import { Mistake } from "../texts/mistake.ts";
import { settingsTexts } from "../texts/settings.ts";
import { assertMayManage, mayManage } from "../commands/permissions.ts";
import { assertMayManageServer, mayManageServer } from "../commands/persona-access.ts";
import type { PanelScope } from "./panel-id.ts";

/** What a panel changes, seen from the place that it is opened in. */
export interface Target {
  readonly scope: PanelScope;
  /** Undefined for a whole server. */
  readonly place: Place | undefined;
  /** Its own first, then what it inherits from. */
  readonly chain: readonly [SettingsScope, ...SettingsScope[]];
}

/** The nearest first. */
export function targetsIn(place: Place): readonly [Target, ...Target[]] {
  if (place.kind === "direct") {
    return [{ scope: "direct", place, chain: [{ kind: "place", id: place.id }] }];
  }
  const ofServer = { kind: "guild", id: place.guildId } as const;
  const server: Target = { scope: "server", place: undefined, chain: [ofServer] };
  const channelId = place.kind === "thread" ? place.parentId : place.id;
  const ofChannel = { kind: "place", id: channelId } as const;
  const channel: Target = {
    scope: "channel",
    place: { kind: "channel", id: channelId, guildId: place.guildId },
    chain: [ofChannel, ofServer],
  };
  if (place.kind === "channel") return [channel, server];
  const chain = [{ kind: "place", id: place.id }, ofChannel, ofServer] as const;
  return [{ scope: "thread", place, chain }, channel, server];
}

/** @throws {Mistake} where the place has no such scope */
export function findTarget(place: Place, scope: PanelScope): Target {
  const target = targetsIn(place).find((one) => one.scope === scope);
  if (target === undefined) throw new Mistake(settingsTexts.notHere);
  return target;
}

/** Manage Server for a server; else whoever may change how Familiar talks there. */
export async function mayChange(
  interaction: BaseInteraction,
  familiar: Familiar,
  { place }: Target,
): Promise<boolean> {
  return place === undefined
    ? mayManageServer(interaction)
    : await mayManage(interaction, familiar, place);
}

/** @throws {Mistake} */
export async function assertMayChange(
  interaction: BaseInteraction,
  familiar: Familiar,
  { place }: Target,
): Promise<void> {
  if (place === undefined) assertMayManageServer(interaction);
  else await assertMayManage(interaction, familiar, place);
}
