/** A place may be called by its own name, without the part of the world that it lies in. */
const REGION = /^.*\//;

/**
 * The name of a time zone as the time zone database has it, from a name in any case, or from that of
 * its city alone. Undefined for what is none, or could be several.
 */
export function toTimeZone(text: string): string | undefined {
  const name = text.trim().replaceAll(/\s+/gu, "_");
  // What begins with a sign is an offset, which knows no summer time.
  if (!/^[a-z]/i.test(name)) return undefined;
  return findExact(name) ?? findCity(name);
}

/** The machine's own, or UTC where it does not say. */
export function ownTimeZone(): string {
  return toTimeZone(new Intl.DateTimeFormat().resolvedOptions().timeZone) ?? "UTC";
}

function findExact(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function findCity(name: string): string | undefined {
  const city = name.toLowerCase();
  const named = Intl.supportedValuesOf("timeZone").filter(
    (zone) => zone.replace(REGION, "").toLowerCase() === city,
  );
  return named.length === 1 ? named[0] : undefined;
}
