import process from "node:process";
import { resolveModel } from "../../src/inference/model/resolve-model.ts";

// Fetches the model at the given address to the given folder and prints its path.
const [, , source = "", modelsDir = ""] = process.argv;
const signal = new AbortController().signal;
process.stdout.write(await resolveModel({ source, modelsDir, onProgress: () => {}, signal }));
