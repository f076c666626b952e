import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["test/support/database-server.ts"],
    include: ["test/**/*.test.ts"],
    restoreMocks: true,
    unstubEnvs: true,
    sequence: { shuffle: true },
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});
