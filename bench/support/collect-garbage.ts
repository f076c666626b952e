import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A collector of garbage that needs no flag when Node is started. */
export function openCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
