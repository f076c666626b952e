import { ApplicationIntegrationType } from "discord-api-types/v10";
import { z } from "zod";
import { type FormApiError, formError, unknownInteraction, unknownMessage } from "./api-error.ts";
import { submittedComponentsSchema } from "./component-schema.ts";
import { findComponent } from "./component-tree.ts";
import { parseForm, snowflake } from "./forms.ts";
import type { Call } from "./routing.ts";
import { findOwners, type Owners } from "../interactions/installation.ts";
import { findAnyMessage, type NamedIds, resolveIds } from "../interactions/interaction-payload.ts";
import type { PreparedInteraction } from "../interactions/interactions.ts";
import type { ChannelRecord, MessageRecord } from "../world/records.ts";

const useSchema = z.object({
  message_id: snowflake,
  data: z.object({
    component_type: z.number().int(),
    custom_id: z.string(),
    values: z.array(z.string()).nullish(),
  }),
});

const modalSubmitSchema = z.object({
  data: z.object({
    id: snowflake,
    custom_id: z.string(),
    components: submittedComponentsSchema,
  }),
});

/** Of a component that may be used, what its use depends on. */
const usableSchema = z.looseObject({
  type: z.number().int(),
  disabled: z.literal(false).nullish(),
  min_values: z.number().nullish(),
  max_values: z.number().nullish(),
  options: z.array(z.looseObject({ value: z.string() })).nullish(),
  channel_types: z.array(z.number()).nullish(),
});
type Usable = z.infer<typeof usableSchema>;

const button = 2;
const stringSelect = 3;

/** Which kinds of things a select of each type offers. */
const offered: Readonly<Record<number, readonly (keyof NamedIds)[]>> = {
  5: ["users"],
  6: ["roles"],
  7: ["users", "roles"],
  8: ["channels"],
};

export function prepareComponent(call: Call, channel: ChannelRecord): PreparedInteraction {
  const { message_id: messageId, data } = parseForm(useSchema, call.body.json);
  const message = findAnyMessage(call.backend, channel.id, messageId);
  if (message === undefined) throw unknownMessage();
  const component = usableSchema.safeParse(findComponent(message.components, data.custom_id)).data;
  if (component?.type !== data.component_type || !isOfApplication(call, message))
    throw invalidUse("custom_id");
  const values = data.values ?? [];
  const chosen = component.type === button ? {} : choose(call, channel, { component, values });
  return {
    sourceMessageId: messageId,
    owners: ownersOf(call, channel, message),
    data: { component_type: component.type, custom_id: data.custom_id, ...chosen },
  };
}

/** The values as they are, and what the ids among them name. */
function choose(
  call: Call,
  channel: ChannelRecord,
  { component, values }: { readonly component: Usable; readonly values: readonly string[] },
): Record<string, unknown> {
  requireFittingCount(component, values);
  if (component.type === stringSelect) {
    const known = new Set(component.options?.map(({ value }) => value));
    if (!values.every((value) => known.has(value))) throw invalidUse("values");
    return { values };
  }
  const kinds = offered[component.type] ?? [];
  const named = Object.fromEntries(kinds.map((kind) => [kind, values]));
  const resolved = resolveIds(call.backend, channel, named);
  if (!values.every((id) => kinds.some((kind) => isOffered(component, resolved[kind]?.[id]))))
    throw invalidUse("values");
  return { values, ...(values.length === 0 ? {} : { resolved }) };
}

function requireFittingCount(
  { min_values: least, max_values: most }: Usable,
  values: readonly string[],
): void {
  const isUnique = new Set(values).size === values.length;
  if (!isUnique || values.length < (least ?? 1) || values.length > (most ?? 1))
    throw invalidUse("values");
}

function isOffered({ channel_types: types }: Usable, entity: unknown): boolean {
  if (typeof entity !== "object" || entity === null) return false;
  if (types == null || types.length === 0) return true;
  return "type" in entity && types.some((type) => type === entity.type);
}

function isOfApplication(call: Call, message: MessageRecord): boolean {
  const { application } = call.backend.world;
  const { applicationId, authorId, webhook } = message;
  return [applicationId, webhook?.applicationId, authorId].includes(application.id);
}

/** An answer's components work by the installation that the answer came by. */
function ownersOf(call: Call, channel: ChannelRecord, message: MessageRecord): Owners {
  const answered = message.interaction?.owners ?? {};
  if (Object.keys(answered).length > 0) return answered;
  const use = { userId: call.user.id, channel };
  return findOwners(call.backend.world, use, [ApplicationIntegrationType.GuildInstall]);
}

function invalidUse(field: string): FormApiError {
  return formError(["data", field], {
    code: "COMPONENT_VALIDATION_FAILED",
    message: "Component validation failed",
  });
}

/** `data.id` names the interaction that showed the modal. */
export function prepareModalSubmit(call: Call): PreparedInteraction {
  const { data } = parseForm(modalSubmitSchema, call.body.json);
  const shown = call.backend.interactions.find(data.id);
  if (shown?.modal?.custom_id !== data.custom_id || shown.userId !== call.user.id)
    throw unknownInteraction();
  shown.modal = null;
  return {
    sourceMessageId: shown.sourceMessageId,
    owners: shown.owners,
    ...(shown.commandName === null ? {} : { commandName: shown.commandName }),
    data: { custom_id: data.custom_id, components: data.components },
  };
}
