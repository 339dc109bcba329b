// Named steps that are counted; what failed is told at once and again at the end.
export class Story {
  #passed = 0;
  #failed = [];

  /** Runs one step; a failure is kept, and the story goes on with whatever still can. */
  async step(name, run) {
    const begin = performance.now();
    try {
      await run();
      this.#passed += 1;
      console.log(`ok    ${name} (${Math.round(performance.now() - begin)} ms)`);
    } catch (error) {
      this.#failed.push(name);
      console.log(`FAIL  ${name}\n      ${String(error?.message ?? error).replaceAll('\n', '\n      ')}`);
    }
  }

  /** The closing line; whether everything passed. */
  close() {
    for (const name of this.#failed) console.log(`failed: ${name}`);
    console.log(`${this.#passed} passed, ${this.#failed.length} failed`);
    return this.#failed.length === 0;
  }
}

export function nothing(list, what) {
  if (list.length > 0) throw new Error(`${what}:\n${list.join('\n')}`);
}

export function same(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}
