import type { RoleId, UserId } from "../ids.ts";
import type { Place } from "../place.ts";
import type { Settings } from "./settings.ts";

export interface Member {
  readonly userId: UserId;
  readonly roles: readonly RoleId[];
}

/** Whether Familiar answers someone in a place. In direct messages it answers everyone. */
export function mayUse(
  { access, channels }: Pick<Settings, "access" | "channels">,
  place: Place,
  { roles, userId }: Member,
): "yes" | "denied" {
  if (place.kind === "direct") return "yes";
  const channelId = place.kind === "thread" ? place.parentId : place.id;
  if (!isAdmitted([channelId], channels)) return "denied";
  const { allowedRoles, allowedUsers, deniedRoles, deniedUsers } = access;
  const allowed = [...allowedRoles, ...allowedUsers];
  const denied = [...deniedRoles, ...deniedUsers];
  // The role of everyone has the server's id, and Discord does not list it among a member's.
  return isAdmitted([userId, ...roles, place.guildId], { allowed, denied }) ? "yes" : "denied";
}

interface Rules {
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
}

function isAdmitted(ids: readonly string[], { allowed, denied }: Rules): boolean {
  if (ids.some((id) => denied.includes(id))) return false;
  return allowed.length === 0 || ids.some((id) => allowed.includes(id));
}
