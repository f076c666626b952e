import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const SIZER = fileURLToPath(new URL("../scripts/size-worker-pool.cjs", import.meta.url));
const PRINT_SIZE = "require('node:process').stdout.write(process.env.UV_THREADPOOL_SIZE)";
const PRETEND = (cores: number) => `require("node:os").availableParallelism = () => ${cores};`;

function sizeFor(cores: number, chosen?: string): string {
  const script = `${PRETEND(cores)} require(${JSON.stringify(SIZER)}); ${PRINT_SIZE}`;
  const { UV_THREADPOOL_SIZE: _, ...environment } = process.env;
  return execFileSync(process.execPath, ["--eval", script], {
    encoding: "utf8",
    env: { ...environment, ...(chosen === undefined ? {} : { UV_THREADPOOL_SIZE: chosen }) },
  });
}

it.each([
  { cores: 1, workers: "1" },
  { cores: 2, workers: "1" },
  { cores: 4, workers: "2" },
  { cores: 64, workers: "4" },
])("leaves $workers workers for $cores cores", ({ cores, workers }) => {
  expect(sizeFor(cores)).toBe(workers);
});

it("leaves the size that the owner chose", () => {
  expect(sizeFor(2, "8")).toBe("8");
});
