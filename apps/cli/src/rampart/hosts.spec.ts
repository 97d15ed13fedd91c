import { expect, it } from 'vitest';
import { hostsTable } from './hosts.js';

it('aligns what is known of each host', () => {
  const host = {
    hostId: 'rack1',
    ranges: ['10.0.1.0/24', 'fd00:1::/64'],
    enrolledAt: '2026-11-01T00:00:00Z',
  };
  expect(
    hostsTable([
      { ...host, instances: 12, state: 'enforced', lastReportAt: '2026-11-02T00:00:00Z' },
      { ...host, hostId: 'r2', ranges: [], instances: 0, state: 'unknown' },
    ]),
  ).toBe(
    [
      'HOST   STATE     INSTANCES  RANGES                   ENROLLED              LAST REPORT',
      'rack1  enforced  12         10.0.1.0/24,fd00:1::/64  2026-11-01T00:00:00Z  2026-11-02T00:00:00Z',
      'r2     unknown   0                                   2026-11-01T00:00:00Z  none',
      '',
    ].join('\n'),
  );
});

it('says so when there is none', () => {
  expect(hostsTable([])).toBe('no host has enrolled yet\n');
});
