import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { HostId } from '#libs/domain';
import { Reminders } from './reminders.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const named = (count: number): ReadonlyMap<HostId, string> =>
  new Map(Array.from({ length: count }, (_, n) => [`host-${n}` as HostId, 'rules sg-1']));

function reminded(late: { hosts: ReadonlyMap<HostId, string> }) {
  const told: HostId[] = [];
  const reminders = new Reminders({ laggards: () => late.hosts }, (hostId) => told.push(hostId));
  reminders.start();
  return { told, reminders };
}

it('reminds a late host less and less often, and at once when it is late anew', () => {
  const late = { hosts: named(1) };
  const { told, reminders } = reminded(late);
  vi.advanceTimersByTime(10_000);
  const often = told.length;
  expect(often).toBeGreaterThan(2);
  vi.advanceTimersByTime(10_000);
  expect(told.length - often).toBeLessThan(often);
  late.hosts = named(0);
  vi.advanceTimersByTime(1000);
  const before = told.length;
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveLength(before);
  late.hosts = named(1);
  vi.advanceTimersByTime(500);
  expect(told.length).toBeGreaterThan(before);
  reminders.stop();
});

it('reminds hosts that fell behind together a few at a time, all of them in the end', () => {
  const { told, reminders } = reminded({ hosts: named(120) });
  vi.advanceTimersByTime(250);
  expect(told).toHaveLength(50);
  vi.advanceTimersByTime(60_000);
  expect(new Set(told).size).toBe(120);
  reminders.stop();
  const before = told.length;
  vi.advanceTimersByTime(600_000);
  expect(told).toHaveLength(before);
});
