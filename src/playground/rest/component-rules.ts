import { ComponentType, MessageFlags } from "discord-api-types/v10";
import { type FormApiError, formError } from "./api-error.ts";
import { walkComponents } from "./component-tree.ts";
import type { MessageRecord } from "../world/records.ts";

const maxRows = 5;
const maxComponents = 40;

/** components/reference: what a message may hold depends on its flag for the newer components. */
export function requireFittingComponents(message: MessageRecord): void {
  if ((message.flags & MessageFlags.IsComponentsV2) === 0) requireRows(message);
  else requireLayout(message);
}

function requireRows({ components }: MessageRecord): void {
  if (components.length > maxRows)
    throw refuse("components", `Must be between 1 and ${maxRows} in length.`);
  const index = components.findIndex(({ type }) => type !== ComponentType.ActionRow);
  if (index !== -1)
    throw formError(["components", index, "type"], {
      code: "UNION_TYPE_CHOICES",
      message: `Value of field "type" must be one of (${ComponentType.ActionRow},).`,
    });
}

/** The text is in the components, and files are shown by them alone. */
function requireLayout({ components, content, embeds }: MessageRecord): void {
  const used = [
    { field: "content", isUsed: content !== "" },
    { field: "embeds", isUsed: embeds.length > 0 },
  ].find(({ isUsed }) => isUsed);
  if (used !== undefined)
    throw formError([used.field], {
      code: "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      message: `The '${used.field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    });
  if ([...walkComponents(components)].length > maxComponents)
    throw refuse("components", `Must be ${maxComponents} or fewer in length.`);
}

function refuse(field: string, message: string): FormApiError {
  return formError([field], { code: "BASE_TYPE_BAD_LENGTH", message });
}
