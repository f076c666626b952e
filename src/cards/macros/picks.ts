/** Chances, from 0 to 1, that are the same whenever the text is: the beginnings of a hash of it. */
export function createPicks(text: string): () => number {
  let state: number | undefined;
  return () => {
    state = hash(state === undefined ? text : "\0", state);
    return state / 2 ** 32;
  };
}

/** FNV-1a, with its bits mixed at the end, since its upper ones hardly change. */
function hash(text: string, start = 0x81_1c_9d_c5): number {
  let value = start;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01_00_01_93);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85_eb_ca_6b);
  return (value ^ (value >>> 13)) >>> 0;
}
