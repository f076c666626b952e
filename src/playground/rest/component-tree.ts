/** Of any component, what is looked at here. */
interface AnyComponent {
  readonly type: number;
  readonly [key: string]: unknown;
}

const linkStyle = 5;
const interactiveTypes: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 7, 8]);

/** All components, those within others included, outermost first. */
export function* walkComponents(value: unknown): Iterable<AnyComponent> {
  if (typeof value !== "object" || value === null) return;
  if (isComponent(value)) yield value;
  for (const child of Object.values(value)) yield* walkComponents(child);
}

export function findComponent(components: unknown, customId: string): AnyComponent | undefined {
  for (const component of walkComponents(components))
    if (component["custom_id"] === customId) return component;
  return undefined;
}

/** Whether a use of one of them would ask something of an application. */
export function isInteractive(components: unknown): boolean {
  for (const { type, style } of walkComponents(components))
    if (interactiveTypes.has(type) && style !== linkStyle) return true;
  return false;
}

function isComponent(value: object): value is AnyComponent {
  // Emojis, media and options have no type; the lists have neither.
  return "type" in value && typeof value.type === "number";
}
