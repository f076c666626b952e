import { readdir, rm } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../node_modules/@node-llama-cpp", import.meta.url));
const ACCELERATORS = ["cpu", "cuda"];

/** The one for the processor is always kept: llama.cpp falls back to it. */
function isNeeded(name, accelerator) {
  const own = `linux-${process.arch}`;
  return name === own || name.startsWith(`${own}-${accelerator}`);
}

// npm installs llama.cpp for every processor and graphics card of a system; an image needs one.
const [, , accelerator = "cpu"] = process.argv;
if (!ACCELERATORS.includes(accelerator)) {
  process.stderr.write(`ACCELERATOR is ${accelerator}; it must be ${ACCELERATORS.join(" or ")}\n`);
  process.exit(1);
}
const names = await readdir(FOLDER);
const superfluous = names.filter((name) => !isNeeded(name, accelerator));
await Promise.all(superfluous.map((name) => rm(`${FOLDER}/${name}`, { recursive: true })));
const kept = names.filter((name) => !superfluous.includes(name));
process.stdout.write(`llama.cpp kept for: ${kept.join(", ")}\n`);
