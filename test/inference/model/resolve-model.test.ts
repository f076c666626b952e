import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resolveModel } from "../../../src/inference/model/resolve-model.ts";
import type { ResolveModelOptions } from "../../../src/inference/model/resolve-model.ts";
import { startFileServer } from "../../support/file-server.ts";
import type { FileServer } from "../../support/file-server.ts";
import { patchGguf } from "../../support/gguf-patch.ts";

const DEMO_MODEL = fileURLToPath(
  new URL("../../../models/familiar-demo-3m-q8_0.gguf", import.meta.url),
);
const CHILD = fileURLToPath(new URL("../../support/download-child.ts", import.meta.url));
/** The downloader keeps what has arrived in pieces of this size. */
const PIECE_BYTES = 5 * 1_024 * 1_024;

let scratch: string;
let modelsDir: string;
let demo: Buffer;
/** A sound model of more than two pieces. */
let large: Buffer;
let server: FileServer;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "familiar-models-"));
  demo = await readFile(DEMO_MODEL);
  const padded = join(scratch, "large.gguf");
  const setStrings = { "familiar.padding": "x".repeat(2 * PIECE_BYTES) };
  await patchGguf(DEMO_MODEL, padded, { setStrings });
  large = await readFile(padded);
  server = await startFileServer();
});

beforeEach(async () => {
  modelsDir = await mkdtemp(join(scratch, "models-"));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

/** No setting is wrong: the same start may succeed another time. */
const FOR_LATER = "model-unreachable";

/** Every test has addresses of its own, as the server outlives them. */
let count = 0;
function serve(answer: Parameters<FileServer["answer"]>[1]): string {
  count += 1;
  const path = `/${count}/model.gguf`;
  server.answer(path, answer);
  return server.origin + path;
}

function resolve(source: string, options: Partial<ResolveModelOptions> = {}): Promise<string> {
  const signal = new AbortController().signal;
  return resolveModel({ source, modelsDir, onProgress: () => {}, signal, ...options });
}

function requestsOf(url: string) {
  const { pathname } = new URL(url);
  return server.requests.filter(({ path }) => path === pathname);
}

/** Its output, once it has ended well. */
async function runChild(...parameters: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const output = await text(child.stdout);
  expect(await ended).toEqual([0, null]);
  return output;
}

async function messageOf(work: Promise<unknown>, code = "model-invalid"): Promise<string> {
  const error = await work.then(
    () => expect.fail("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "FamiliarError", code });
  return (error as Error).message;
}

describe("a path", () => {
  test("is the model's file itself", async () => {
    expect(await resolve(DEMO_MODEL)).toBe(DEMO_MODEL);
  });

  test("that leads nowhere is told with its mend", async () => {
    const message = await messageOf(resolve(join(scratch, "no.gguf")));
    expect(message).toMatch(/^There is no model file .*no\.gguf: set MODEL to/);
  });
});

describe("a web address", () => {
  test("is downloaded with progress up to the last byte", async () => {
    const url = serve(() => ({ bytes: large }));
    const progress: number[] = [];
    const onProgress: ResolveModelOptions["onProgress"] = ({ downloadedBytes, totalBytes }) => {
      expect(totalBytes).toBe(large.length);
      progress.push(downloadedBytes);
    };
    const path = await resolve(url, { onProgress });
    expect((await readFile(path)).equals(large)).toBe(true);
    expect(progress.at(-1)).toBe(large.length);
  });

  test("that was downloaded before is not asked again", async () => {
    const url = serve(() => ({ bytes: demo }));
    const path = await resolve(url);
    const asked = requestsOf(url).length;
    expect(await resolve(url)).toBe(path);
    expect(requestsOf(url)).toHaveLength(asked);
  });

  test("is not mistaken for another that ends in the same name", async () => {
    const [one, other] = [serve(() => ({ bytes: demo })), serve(() => ({ bytes: large }))];
    expect(await resolve(one)).not.toBe(await resolve(other));
  });

  test("is taken up where its connection broke, within one start", async () => {
    let isCut = false;
    const url = serve(({ from = 0 }) => {
      const breaks = from >= PIECE_BYTES && !isCut;
      isCut ||= breaks;
      return { bytes: large, ...(breaks ? { cutAfter: 1_000_000 } : {}) };
    });
    const path = await resolve(url);
    expect((await readFile(path)).equals(large)).toBe(true);
    expect(isCut).toBe(true);
  });

  test("is taken up by the next start, which asks only for what is missing", async () => {
    let isWell = false;
    const url = serve(({ from }) => {
      const breaks = !isWell && from !== undefined && from >= PIECE_BYTES;
      return { bytes: large, ...(breaks ? { cutAfter: 1_000 } : {}) };
    });
    const message = await messageOf(resolve(url, { stallMs: 1_500 }), FOR_LATER);
    expect(message).toMatch(/^The download of the model .* does not get on: .* is kept$/);
    expect(await readdir(modelsDir)).toEqual([expect.stringMatching(/model\.gguf\.ipull$/)]);

    isWell = true;
    const before = requestsOf(url).length;
    const path = await resolve(url);
    expect((await readFile(path)).equals(large)).toBe(true);
    const pieces = requestsOf(url)
      .slice(before)
      .flatMap(({ from }) => (from === undefined ? [] : [from]));
    expect(pieces.filter((from) => from > 0)).not.toEqual([]);
    // The only request for the beginning is the one for the file's first bytes.
    expect(pieces.filter((from) => from === 0)).toHaveLength(1);
  });

  // The downloader's stray rejections end a process; the test runner would take them for its own.
  test("is taken up where its host refused to go on, and the process lives", async () => {
    const broken = new Set<number>();
    let refusals = 0;
    const url = serve(({ from = 0 }) => {
      if (from === 0 || refusals > 0) return { bytes: large };
      if (broken.has(from)) {
        refusals += 1;
        return { status: 403 };
      }
      broken.add(from);
      return { bytes: large, cutAfter: 1_000_000 };
    });
    const path = await runChild(url, modelsDir);
    expect((await readFile(path)).equals(large)).toBe(true);
    expect(refusals).toBe(1);
  });

  test("whose connection always breaks is given up in one sentence", async () => {
    const url = serve(() => ({ bytes: large, cutAfter: 200_000 }));
    const message = await messageOf(resolve(url, { stallMs: 1_000 }), FOR_LATER);
    expect(message).toMatch(/does not get on: check the connection and start again/);
    expect(message).not.toContain("\n");
  });

  test("can be left while it is on the way", async () => {
    const controller = new AbortController();
    const url = serve(({ from }) => ({
      bytes: large,
      ...(from === 0 ? {} : { cutAfter: 1_000_000 }),
    }));
    const onProgress = () => controller.abort(new Error("enough"));
    const work = resolve(url, { signal: controller.signal, onProgress });
    await expect(work).rejects.toThrow("enough");
    const names = await readdir(modelsDir);
    expect(names.filter((name) => !name.endsWith(".ipull"))).toEqual([]);
  });

  test.each([
    [401, "model-invalid", "does not give out"],
    [403, "model-invalid", "does not give out"],
    [404, "model-invalid", "has no file"],
    [410, "model-invalid", "has no file"],
    [500, FOR_LATER, "answers 500 instead of the model: try again later"],
    [503, FOR_LATER, "answers 503 instead of the model: try again later"],
  ])("that answers %i is told at once, and nothing is left behind", async (status, code, words) => {
    const url = serve(() => ({ status }));
    expect(await messageOf(resolve(url), code)).toContain(words);
    expect(requestsOf(url)).toHaveLength(1);
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test("that leads to something else is refused before it is downloaded", async () => {
    const url = serve(() => ({ bytes: Buffer.from("<!doctype html><title>Not here</title>") }));
    expect(await messageOf(resolve(url))).toMatch(/^There is no GGUF model at /);
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test("whose file is damaged is removed, so that the next start tries again", async () => {
    let bytes: Buffer = Buffer.concat([Buffer.from("GGUF"), Buffer.alloc(5_000, 7)]);
    const url = serve(() => ({ bytes }));
    expect(await messageOf(resolve(url))).toMatch(/is no sound GGUF model, so it was removed/);
    expect(await readdir(modelsDir)).toEqual([]);
    bytes = demo;
    expect((await readFile(await resolve(url))).equals(demo)).toBe(true);
  });

  test("of a host that does not exist or does not listen is told at once", async () => {
    expect(await messageOf(resolve("http://no-such-host.invalid/model.gguf"), FOR_LATER)).toMatch(
      /^The name no-such-host\.invalid is not found: check the address/,
    );
    const gone = await startFileServer();
    await gone[Symbol.asyncDispose]();
    expect(await messageOf(resolve(`${gone.origin}/model.gguf`), FOR_LATER)).toMatch(
      /cannot be reached \(ECONNREFUSED\)/,
    );
  });

  test("keeps its password and key out of what is said", async () => {
    const url = new URL(serve(() => ({ status: 404 })));
    url.search = "?token=hidden";
    expect(await messageOf(resolve(url.href))).not.toContain("hidden");
  });

  test("that does not fit on the disk is refused before it is downloaded", async () => {
    const url = serve(() => ({ bytes: demo, claimedBytes: 10 ** 13 }));
    expect(await messageOf(resolve(url))).toMatch(
      /^The model needs 10000 GB of disk in .*, and .* is free: make room, or set DATA_DIR/,
    );
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test("cannot be stored where a file stands in the folder's place", async () => {
    const url = serve(() => ({ bytes: demo }));
    await writeFile(join(modelsDir, "file"), "");
    const message = await messageOf(resolve(url, { modelsDir: join(modelsDir, "file") }));
    expect(message).toMatch(/^The model cannot be stored .*: set DATA_DIR/);
  });
});

describe("a model of Hugging Face", () => {
  function serveHub(user: string, bytes: Buffer, file = "demo.Q8_0.gguf") {
    const manifest = JSON.stringify({ ggufFile: { rfilename: file } });
    server.answer(`/v2/${user}/demo-GGUF/manifests/Q8_0`, () => ({ bytes: Buffer.from(manifest) }));
    server.answer(`/${user}/demo-GGUF/resolve/main/${file}`, () => ({ bytes }));
  }

  /** Requests of tests that gave up may still come in. */
  function requestsOfUser(user: string) {
    return server.requests.filter(({ path }) => path.includes(`/${user}/`));
  }

  function resolveHub(source: string, options: Partial<ResolveModelOptions> = {}) {
    return resolve(source, { endpoint: server.origin, ...options });
  }

  test("is found by user, repository and quantisation, and downloaded once", async () => {
    serveHub("ada", demo);
    const path = await resolveHub("hf:ada/demo-GGUF:Q8_0");
    expect((await readFile(path)).equals(demo)).toBe(true);
    const asked = requestsOfUser("ada").length;
    expect(await resolveHub("hf:ada/demo-GGUF:Q8_0")).toBe(path);
    expect(requestsOfUser("ada")).toHaveLength(asked);
  });

  test("is found by its file's name", async () => {
    serveHub("bob", demo);
    const path = await resolveHub("hf:bob/demo-GGUF/demo.Q8_0.gguf");
    expect((await readFile(path)).equals(demo)).toBe(true);
  });

  test("that is no model is removed, so that the next start tries again", async () => {
    serveHub("cleo", Buffer.from("version https://git-lfs.github.com/spec/v1"));
    expect(await messageOf(resolveHub("hf:cleo/demo-GGUF:Q8_0"))).toMatch(/so it was removed/);
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test.each(["hf:nobody/nothing:Q4_K_M", "hf:nobody/nothing/model.gguf", "hf:nobody"])(
    "that does not exist is told: %s",
    async (source) => {
      expect(await messageOf(resolveHub(source))).toMatch(/^Hugging Face has no model hf:nobody/);
      expect(await readdir(modelsDir)).toEqual([]);
    },
  );

  test.each(["hf:shy/gated:Q4_K_M", "hf:shy/gated/model.gguf"])(
    "that is gated is told with the way in: %s",
    async (source) => {
      server.answer("/v2/shy/gated/manifests/Q4_K_M", () => ({ status: 401 }));
      server.answer("/shy/gated/resolve/main/model.gguf", () => ({ status: 403 }));
      const message = await messageOf(resolveHub(source));
      expect(message).toMatch(/^Hugging Face does not give out hf:shy\/gated.* HF_TOKEN/);
    },
  );

  test("cannot be reached without a connection", async () => {
    const gone = await startFileServer();
    await gone[Symbol.asyncDispose]();
    const message = await messageOf(
      resolveHub("hf:a/b:Q4_K_M", { endpoint: gone.origin }),
      FOR_LATER,
    );
    expect(message).toMatch(/^Hugging Face cannot be reached .*: check/);
    const byName = resolveHub("hf:a/b/c.gguf", { endpoint: gone.origin, stallMs: 1_000 });
    expect(await messageOf(byName, FOR_LATER)).toMatch(/does not get on|cannot be reached/);
  });

  test("of several parts is downloaded as a whole", async () => {
    const name = "demo-00001-of-00002.gguf";
    serveHub("dora", demo, name);
    server.answer("/dora/demo-GGUF/resolve/main/demo-00002-of-00002.gguf", () => ({ bytes: demo }));
    const path = await resolveHub(`hf:dora/demo-GGUF/${name}`);
    expect(path).toMatch(/demo-00001-of-00002\.gguf$/);
    await expect(readdir(modelsDir)).resolves.toHaveLength(2);
    const asked = requestsOfUser("dora").length;
    expect(await resolveHub(`hf:dora/demo-GGUF/${name}`)).toBe(path);
    expect(requestsOfUser("dora")).toHaveLength(asked);
  });
});
