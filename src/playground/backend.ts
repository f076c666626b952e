import type { AttachmentStore } from "./world/attachments.ts";
import type { FaultPlan } from "./faults.ts";
import type { Gateway } from "./gateway/gateway.ts";
import type { Interactions } from "./interactions/interactions.ts";
import type { Limits } from "./limits.ts";
import type { World } from "./world/world.ts";

/** What the routes and the gateway work on. */
export interface Backend {
  readonly world: World;
  readonly gateway: Gateway;
  readonly interactions: Interactions;
  readonly attachments: AttachmentStore;
  readonly faults: FaultPlan;
  readonly limits: Limits;
}
