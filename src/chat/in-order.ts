/** Runs tasks of one key one after the other, in the order in which they came. */
export class InOrder<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  /** Rejects as `task` does; a task that fails does not hold up the next. */
  run<Result>(key: Key, task: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    this.#last.set(key, result);
    const forget = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key);
    };
    result.then(forget, forget);
    return result;
  }
}
