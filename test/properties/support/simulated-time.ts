import { vi } from 'vitest';

const realImmediate = setImmediate;

/** Whatever a step set off without waiting for time. */
const settled = (): Promise<void> => new Promise((resolve) => void realImmediate(resolve));

/** From now on nothing happens but when `pass` says so, and chance comes from `random`. */
export function holdTime(random: () => number): Disposable {
  vi.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
      'Date',
      'performance',
    ],
  });
  const chance = vi.spyOn(Math, 'random').mockImplementation(random);
  return {
    [Symbol.dispose]: () => {
      chance.mockRestore();
      vi.useRealTimers();
    },
  };
}

/** So many milliseconds, timer by timer; `look` after each. */
export async function pass(milliseconds: number, look: () => void): Promise<void> {
  const timer = { isOver: false };
  setTimeout(() => (timer.isOver = true), milliseconds);
  while (!timer.isOver) {
    vi.advanceTimersToNextTimer();
    await settled();
    look();
  }
}
