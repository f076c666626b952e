import { spawnSync } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

// Compiling takes longer than starting, so `npm start` compiles only what has changed since.
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const STAMP = at("dist/.built");
const SOURCES = ["package-lock.json", "tsconfig.json", "tsconfig.build.json"];

function newest(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const times = entries.map(
    (entry) => statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs,
  );
  return Math.max(...times);
}

const changedAt = Math.max(newest(at("src")), ...SOURCES.map((path) => statSync(at(path)).mtimeMs));
const builtAt = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (builtAt < changedAt) {
  for (const script of ["node_modules/typescript/bin/tsc", "scripts/copy-page.mjs"]) {
    const parameters = script.endsWith("tsc") ? ["-p", at("tsconfig.build.json")] : [];
    const { status } = spawnSync(process.execPath, [at(script), ...parameters], {
      stdio: "inherit",
    });
    if (status !== 0) process.exit(status ?? 1);
  }
  writeFileSync(STAMP, "");
}
