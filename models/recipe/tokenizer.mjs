// node tokenizer.mjs model.gguf   -- writes tok.json from a finished model, so that it can be checked without training
import fs from "node:fs";
import {readGgufFileInfo} from "node-llama-cpp";
const {metadata} = await readGgufFileInfo(process.argv[2], {readTensorInfo: false});
const {tokens: pieces, scores, token_type: types} = metadata.tokenizer.ggml;
fs.writeFileSync("tok.json", JSON.stringify({pieces, scores, types}));
