// Refetching on every event would run in parallel and finish in any order.

/** Runs `work` at most once at a time; calls during a run are answered by one run after it. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  return () => {
    if (running === null) {
      running = work().finally(() => (running = null));
      return running;
    }
    next ??= running.then(() => {
      next = null;
      running = work().finally(() => (running = null));
      return running;
    });
    return next;
  };
}
