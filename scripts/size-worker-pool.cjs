"use strict";
// Required before anything else: libuv sizes its pool at its first use, which is the loading of the
// first module. Each decode is a job for the pool, and its workers take turns. On two cores, four of
// them made llama.cpp a third slower than one does (docs/performance.md).
const { availableParallelism } = require("node:os");
const process = require("node:process");

const MOST_WORKERS = 4;

const workers = Math.min(MOST_WORKERS, Math.max(1, Math.floor(availableParallelism() / 2)));
process.env.UV_THREADPOOL_SIZE ??= String(workers);
