// node check.mjs model.gguf [limitPerSkill]   -- greedy answers in node-llama-cpp against checks.json
import fs from "node:fs";
import {getLlama, LlamaChatSession, ChatMLChatWrapper, LlamaLogLevel, resolveChatWrapper} from "node-llama-cpp";
const file = process.argv[2] ?? "model.gguf", limit = Number(process.argv[3] ?? 1e9);
const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.warn, maxThreads: 1});
const t00 = Date.now();
const model = await llama.loadModel({modelPath: file});
console.log("loaded in", Date.now() - t00, "ms; bytes", fs.statSync(file).size, "train ctx", model.trainContextSize, "bos", model.tokens.bos, "eos", model.tokens.eos, "warnings", JSON.stringify(model.getWarnings()));
const sp = model.tokenize("<|im_start|>", true);
console.log("<|im_start|> ->", sp, "<|im_end|> ->", model.tokenize("<|im_end|>", true), "isEog", model.isEogToken(model.tokenize("<|im_end|>", true)[0]), "literal ->", model.tokenize("<|im_start|>", false).length, "tokens");
console.log("wrapper resolved:", resolveChatWrapper(model).wrapperName);
let bad = 0;
for (const [text, ids] of JSON.parse(fs.readFileSync("tokcheck.json", "utf8"))) {
    const got = [...model.tokenize(text, true)];
    if (JSON.stringify(got) !== JSON.stringify(ids)) { bad++; console.log("TOKENIZER DIFFERS", JSON.stringify(text.slice(0, 60)), got.slice(0, 20).join(), ids.slice(0, 20).join()); }
}
console.log("tokenizer mismatches:", bad);
const context = await model.createContext({contextSize: 2048, sequences: 1, threads: 1});
const seq = context.getSequence();
const perf = {n: 0, ms: 0, pn: 0, pms: 0};
async function gen(prompt, max = 900) {
    await seq.clearHistory();
    const toks = [model.tokens.bos, ...model.tokenize(prompt, true)];
    const out = []; const t0 = performance.now(); let t1 = 0;
    for await (const t of seq.evaluate(toks, {temperature: 0})) {
        if (!t1) t1 = performance.now();
        if (model.isEogToken(t)) break;
        out.push(t);
        if (out.length >= max || toks.length + out.length >= 2040) return {text: model.detokenize(out), n: out.length, ended: false};
    }
    perf.pn += toks.length; perf.pms += t1 - t0; perf.n += out.length; perf.ms += performance.now() - t1;
    return {text: model.detokenize(out), n: out.length, ended: true};
}
const stat = {}, fails = [];
for (const c of JSON.parse(fs.readFileSync("checks.json", "utf8"))) {
    const s = stat[c.skill] ??= {ok: 0, n: 0, tok: 0};
    if (s.n >= limit) continue;
    const a = await gen(c.prompt);
    let ok;
    if (c.kind === "exact") ok = a.ended && a.text === c.expect;
    else if (c.kind === "story") ok = a.ended && a.n >= 300 && a.text.includes(c.expect) && a.text.endsWith("The end.") && a.text.split("\n\n").length >= 9;
    else ok = a.ended && a.text.endsWith("The end.");
    s.n++; s.tok += a.n; if (ok) s.ok++; else fails.push({skill: c.skill, expect: c.expect, got: a.text.slice(0, 200), ended: a.ended, n: a.n});
}
let tot = 0, all = 0;
for (const [k, s] of Object.entries(stat)) { tot += s.ok; all += s.n; console.log(k.padEnd(26), `${s.ok}/${s.n}`.padStart(7), (100 * s.ok / s.n).toFixed(0).padStart(4) + "%", "mean tokens", (s.tok / s.n).toFixed(0)); }
console.log("ALL", tot, "/", all, "gen tok/s", (perf.n / perf.ms * 1000).toFixed(0), "prompt tok/s", (perf.pn / perf.pms * 1000).toFixed(0));
fs.writeFileSync("fails.json", JSON.stringify(fails, null, 1));
await context.dispose();
// the ordinary chat session
{
    const ctx = await model.createContext({contextSize: 2048, threads: 1});
    const ses = new LlamaChatSession({contextSequence: ctx.getSequence(), chatWrapper: new ChatMLChatWrapper(), systemPrompt: "You are Zorvak, a grumpy wizard."});
    for (const q of ["Hello!", "My name is Ada.", "Who are you?", "Repeat: green tea and rice", "What is my name?", "Count to 12", "Write code"]) console.log("  >", q, "\n  <", await ses.prompt(q, {temperature: 0, maxTokens: 200}));
    await ctx.dispose();
    const ctx2 = await model.createContext({contextSize: 2048, threads: 1});
    const s2 = new LlamaChatSession({contextSequence: ctx2.getSequence(), systemPrompt: "You are Mira, a kind robot.\nNotes:\n- Ada likes tea.\n- Bob lives in Rome."});
    for (const q of ["Ada: Hi!", "Bob: What is my name?", "Bob: Where do I live?", "Ada: What do I like?", "Ada: Where does Bob live?", "Ada: My favourite colour is blue.", "Bob: My favourite colour is red.", "Ada: What is my favourite colour?", "Bob: What is my favourite colour?"]) console.log("  >", q, "\n  <", await s2.prompt(q, {temperature: 0, maxTokens: 200}));
    await ctx2.dispose();
}
process.exit(0);
