import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { expect, it, onTestFinished } from "vitest";

const forbidden = [
  ["src/chat", "discord.js"],
  ["src/chat", "node:fs"],
  ["src/chat", "../store/schema.ts"],
  ["src/chat", "../config.ts"],
  ["src/chat/reply", "node:fs"],
  ["src/chat/reply", "../../config.ts"],
  ["src/cards", "node:fs"],
  ["src/cards", "../chat/ports.ts"],
  ["src/cards/container", "../../chat/ports.ts"],
  ["src/cards/container", "../../store/schema.ts"],
  ["src/chat-files", "node:fs"],
  ["src/chat-files", "../chat/adopt/history-files.ts"],
  ["src/discord", "../store/schema.ts"],
  ["src/discord", "../config.ts"],
  ["src/discord/commands", "../../store/schema.ts"],
  ["src/discord/commands", "../../config.ts"],
  ["src/discord/commands", "node-llama-cpp"],
  ["src/store", "discord.js"],
  ["src/store", "../discord/client.ts"],
  ["src/store/recall", "../../discord/client.ts"],
  ["src/store/recall", "postgres"],
  ["src/inference", "../discord/client.ts"],
  ["src/inference", "drizzle-orm"],
  ["src/inference/llama", "../../discord/client.ts"],
  ["src/serve", "../inference/llama/llama-engine.ts"],
  ["src/serve", "../playground/app.ts"],
  ["src/serve", "../config.ts"],
  ["src/serve", "node-llama-cpp"],
  ["src/model-check", "../config.ts"],
  ["src/model-check", "../discord/client.ts"],
  ["src/playground", "../chat/ids.ts"],
  ["src/playground", "discord.js"],
  ["src/playground/routes", "../../chat/ids.ts"],
] as const;

const allowed = [
  ["src/chat", "./ids.ts"],
  ["src/chat", "./reply/answer.ts"],
  ["src/chat/reply", "../prompt/window.ts"],
  ["src/cards", "../chat/errors.ts"],
  ["src/cards", "./container/png-card.ts"],
  ["src/cards/container", "../../chat/errors.ts"],
  ["src/cards/container", "../limits.ts"],
  ["src/cards/format", "../container/parse-json.ts"],
  ["src/cards/format", "node:zlib"],
  ["src/chat-files", "../chat/problem.ts"],
  ["src/chat-files", "./limits.ts"],
  ["src/inference/llama", "../../chat/prompt/control-text.ts"],
  ["src/discord", "../chat/ids.ts"],
  ["src/discord/commands", "../../chat/ids.ts"],
  ["src/discord/commands", "../client.ts"],
  ["src/store", "drizzle-orm/pg-core"],
  ["src/store", "./recall/recall-store.ts"],
  ["src/store/recall", "../rows.ts"],
  ["src/store/recall", "../../chat/memory/recall-store.ts"],
  ["src/store", "../chat/persona/persona.ts"],
  ["src/serve", "../chat/ports.ts"],
  ["src/serve", "../chat/reply/reply-line.ts"],
  ["src/serve", "hono/body-limit"],
  ["src/playground", "discord-api-types/v10"],
  ["src", "./store/schema.ts"],
] as const;

// The linter keeps the layers apart; this keeps the linter honest.
it("lets no layer import what it may not", () => {
  const root = mkdtempSync(join(tmpdir(), "layers-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const { overrides } = JSON.parse(readFileSync(".oxlintrc.json", "utf8")) as {
    overrides: unknown;
  };
  writeFileSync(join(root, ".oxlintrc.json"), JSON.stringify({ overrides }));
  const planted = forbidden.map((row, index) => plant(root, `bad-${index}`, row));
  for (const [index, row] of allowed.entries()) plant(root, `good-${index}`, row);
  expect(rejectedFiles(root)).toEqual(planted.toSorted());
});

function plant(root: string, name: string, [folder, specifier]: readonly [string, string]) {
  const path = `${folder}/${name}.ts`;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `export type { Thing } from "${specifier}";\n`);
  return path;
}

function rejectedFiles(root: string): string[] {
  const linter = resolve("node_modules/oxlint/bin/oxlint");
  const args = [linter, "-A", "all", "-D", "no-restricted-imports", "--format=json"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const report = JSON.parse(stdout) as { diagnostics: { filename: string }[] };
  return report.diagnostics
    .map((diagnostic) => diagnostic.filename.replaceAll("\\", "/"))
    .toSorted();
}
