import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

// The compiler leaves out what is no TypeScript: the playground's page.
const from = fileURLToPath(new URL("../src/playground/page", import.meta.url));
const to = fileURLToPath(new URL("../dist/playground/page", import.meta.url));

await rm(to, { recursive: true, force: true });
await cp(from, to, { recursive: true });
