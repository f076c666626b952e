import type { FamiliarDependencies } from "../../src/chat/familiar-dependencies.ts";

/** Nothing was written before. */
export const noArchive: Pick<FamiliarDependencies, "adoptions" | "archive"> = {
  adoptions: { adopt: async () => ({ added: 0, lowest: 0 }), append: async () => true },
  archive: { before: async () => [], starterOf: async () => undefined },
};
