import { expect, it } from 'vitest';
import type { ReceiptNotice } from '#libs/protocol';
import { lineOf } from './feed.js';

const notice: ReceiptNotice = {
  position: 12,
  time: new Date(2026, 10, 23, 9, 5, 7).toISOString(),
  requestId: 'r-1',
  events: ['RuleAuthorized'],
  summary: 'Apache: tcp 80 from 0.0.0.0/0',
  concerned: 2,
  enforced: 2,
  milliseconds: 2.345,
};

it.each<[string, Partial<ReceiptNotice>, string]>([
  ['a change that everyone has', {}, '2/2 hosts  2.3 ms'],
  ['one that a host lacks', { enforced: 1 }, '1/2 hosts  2.3 ms  LAGGING'],
  ['one that no host need know', { enforced: 0, concerned: 0 }, 'no host concerned'],
])('%s', (_what, change, end) => {
  expect(lineOf({ ...notice, ...change })).toBe(
    `09:05:07  RuleAuthorized  Apache: tcp 80 from 0.0.0.0/0  ${end}`,
  );
});

it('counts events of the same kind', () => {
  const events = ['RuleAuthorized', 'RuleRevoked', 'RuleAuthorized'];
  expect(lineOf({ ...notice, events })).toContain('  RuleAuthorized ×2, RuleRevoked  ');
});
