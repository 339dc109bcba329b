import { expect, it } from 'vitest';
import { once } from './once';

it('never runs in parallel, and runs once more for whatever was asked meanwhile', async () => {
  let runs = 0;
  let inside = 0;
  const gates: (() => void)[] = [];
  const work = once(async () => {
    runs += 1;
    inside += 1;
    expect(inside).toBe(1);
    await new Promise<void>((open) => gates.push(open));
    inside -= 1;
  });
  const first = work();
  const second = work();
  const third = work();
  expect(runs).toBe(1);
  gates[0]?.();
  await first;
  await new Promise((tick) => setTimeout(tick));
  gates[1]?.();
  await Promise.all([second, third]);
  expect(runs).toBe(2);
  void work();
  expect(runs).toBe(3);
});
