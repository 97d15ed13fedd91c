import { expect, it } from 'vitest';
import { Outflow } from './outflow.js';

const MIB = 1024 * 1024;

it('drops what there is no room for, and says when there is room again', async () => {
  const arrivals: PromiseWithResolvers<void>[] = [];
  const recovered = Promise.withResolvers<void>();
  const arrive = (): Promise<void> => {
    const arrival = Promise.withResolvers<void>();
    arrivals.push(arrival);
    return arrival.promise;
  };
  const outflow = new Outflow(4 * MIB, arrive, recovered.resolve);
  expect(Array.from({ length: 6 }, () => outflow.take(MIB))).toEqual([true, true, true, true, false, false]);
  await Promise.resolve();
  expect(arrivals).toHaveLength(1);
  arrivals[0]?.resolve();
  await recovered.promise;
  expect(outflow.take(MIB)).toBe(true);
});

it('takes what was under way for lost when the connection goes away', async () => {
  const outflow = new Outflow(
    MIB,
    () => Promise.reject(new Error('gone')),
    () => undefined,
  );
  expect([outflow.take(MIB), outflow.take(1)]).toEqual([true, false]);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(outflow.take(MIB)).toBe(true);
});
