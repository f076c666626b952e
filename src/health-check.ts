import { statSync } from "node:fs";
import process from "node:process";
import { healthFileIn } from "./health-file.ts";

/** Three renewals missed. */
const MAX_AGE_MS = 60_000;

const file = statSync(healthFileIn(process.env["DATA_DIR"] ?? "data"), { throwIfNoEntry: false });
process.exit(file !== undefined && Date.now() - file.mtimeMs < MAX_AGE_MS ? 0 : 1);
