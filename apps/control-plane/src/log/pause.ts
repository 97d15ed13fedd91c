/** By the timers that tests can hold, unlike those of `node:timers/promises`. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));
