import type { Backend } from "../backend.ts";
import type { Interaction } from "./interactions.ts";

/** What only Discord's own clients hear; discord-api-types knows nothing of it. */
type Notice =
  | "INTERACTION_CREATE"
  | "INTERACTION_SUCCESS"
  | "INTERACTION_FAILURE"
  | "INTERACTION_MODAL_CREATE"
  | "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE";

/** Tells the client that asked how its interaction fares; all the person's clients when it named none. */
export function notify(
  backend: Backend,
  interaction: Interaction,
  { type, details = {} }: { readonly type: Notice; readonly details?: Record<string, unknown> },
): void {
  const sessions = backend.gateway.sessionsOf(interaction.userId);
  const asking = sessions.filter((session) => session.id === interaction.sessionId);
  for (const session of asking.length > 0 ? asking : sessions)
    session.dispatch(type, { id: interaction.id, nonce: interaction.nonce, ...details });
}
