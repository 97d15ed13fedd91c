import { describe, expect, it } from 'vitest';
import { enforcementOf, progressFrom, withBareWaitSpelledOut } from './enforcement.js';

describe('--wait', () => {
  it.each([
    [
      ['--wait', 'web'],
      ['--wait=10', 'web'],
    ],
    [
      ['web', '--wait'],
      ['web', '--wait=10'],
    ],
    [
      ['--wait', '-p', '80'],
      ['--wait=10', '-p', '80'],
    ],
    [
      ['--wait', '5', 'web'],
      ['--wait', '5', 'web'],
    ],
    [
      ['--wait=5', 'web'],
      ['--wait=5', 'web'],
    ],
  ])('%j', (args, spelledOut) => {
    expect(withBareWaitSpelledOut(args)).toEqual(spelledOut);
  });
});

describe('how far a change has come', () => {
  const headers = (enforced: string) => ({
    'x-rampart-enforced': enforced,
    'x-rampart-milliseconds': '3.14159',
    'x-rampart-position': '42',
  });

  it.each(['2/2', '0/0'])('%s is everywhere', (enforced) => {
    expect(enforcementOf(progressFrom(headers(enforced)), '5')).toEqual({
      row: ['ENFORCED', enforced, '3.1ms'],
      complaint: undefined,
    });
  });

  it('names the change that is not everywhere', () => {
    const { row, complaint } = enforcementOf(progressFrom(headers('1/2')), '5');
    expect(row).toEqual(['ENFORCED', '1/2', '3.1ms']);
    expect(complaint).toContain('not enforced everywhere within 5 s: 1/2 hosts have change 42');
  });

  it('names the hosts that lack it, and says why', () => {
    const more = { 'x-rampart-laggards': 'host-1 lagging; host-2 refused: ENOMEM' };
    expect(enforcementOf(progressFrom({ ...headers('1/3'), ...more }), '5').complaint).toMatch(
      /: host-1 lagging; host-2 refused: ENOMEM$/,
    );
  });

  it('does not take silence for consent', () => {
    expect(enforcementOf(progressFrom({}), '5').complaint).toContain('unknown');
  });
});
