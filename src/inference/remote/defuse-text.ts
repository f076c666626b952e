/**
 * `<|im_start|>`, `<|turn>`, `<turn|>`, `<｜User｜>`; `<s>`, `<start_of_turn>`, `<<SYS>>`, `[INST]`.
 * Operators such as `<|` and `<|>` are none.
 */
const CONTROL_SPELLINGS = [
  String.raw`[<＜](?=[|｜][\p{L}\p{N}_/"])`,
  String.raw`[<＜](?=[\p{L}\p{N}_▁]+[|｜][>＞])`,
  String.raw`[<＜](?=\/?(?:s|bos|eos|eod|eop|pad|unk|sep|cls|mask|sys|user|bot|human|assistant|system|AI|用户)[>＞])`,
  String.raw`[<＜](?=\/?[\p{L}\p{N}]*_[\p{L}\p{N}_]*[>＞])`,
  String.raw`[<＜](?=[<＜]\/?SYS[>＞])`,
  String.raw`\[(?=\/?(?:[A-Z]{3}[A-Z_]*|[gs]MASK)\])`,
];
const CONTROL_BEGINNING = new RegExp(CONTROL_SPELLINGS.join("|"), "gu");

/**
 * Sets a space into everything that a server's template could read as a control token: servers
 * tokenize the whole prompt with special tokens on, so what people write could close their turn and
 * open one of the system's. A space keeps the text readable, and no tokenizer takes it away.
 */
export function defuseText(text: string): string {
  return text.replaceAll(CONTROL_BEGINNING, "$& ");
}
