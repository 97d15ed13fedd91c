import { expect, it } from 'vitest';
import { requestKindOf, Throttle, type RequestKind } from './throttle.js';

const [MINE, OTHERS] = [{ accessKeyId: 'mine' }, { accessKeyId: 'others' }];

function throttleOf(perSecond: number, burst: number) {
  let now = 0;
  const throttle = new Throttle({ read: { perSecond, burst } }, () => now);
  const admitted = (count: number, key = MINE, kind: RequestKind = 'read'): number =>
    Array.from({ length: count }, () => throttle.admits(key, kind)).filter(Boolean).length;
  return { admitted, later: (milliseconds: number) => (now += milliseconds) };
}

it('admits a burst, and then as many as come back', () => {
  const { admitted, later } = throttleOf(10, 5);
  expect(admitted(9)).toBe(5);
  later(250);
  expect(admitted(9)).toBe(2);
  later(50);
  expect(admitted(9)).toBe(1);
  later(60_000);
  expect(admitted(9)).toBe(5);
});

it('holds nobody back for another, nor where there is no rate', () => {
  const { admitted } = throttleOf(1, 1);
  expect([admitted(3), admitted(3, OTHERS), admitted(3, MINE, 'change')]).toEqual([1, 1, 3]);
});

it.each<[string, RequestKind]>([
  ['DescribeInstances', 'read'],
  ['GetCallerIdentity', 'read'],
  ['RunInstances', 'change'],
  ['RevokeSecurityGroupIngress', 'change'],
])('%s is a %s', (action, kind) => {
  expect(requestKindOf(action)).toBe(kind);
});
