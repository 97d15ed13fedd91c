import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeKeys, quoted, shellFile } from './keys.js';

const shells = ['sh', 'bash', 'zsh'].filter((shell) => spawnSync(shell, ['-c', ':']).status === 0);
const endpoints = { endpoint: 'http://127.0.0.1:8770', natsUrl: 'nats://127.0.0.1:4322' };

describe.each(shells)('lab.env in %s', (shell) => {
  it('says what it was told to, whatever characters are in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        fc.pre(!text.includes('\0'));
        const said = execFileSync(shell, ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' });
        expect(said).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  it('sets what clients look for, and unsets what would get in their way', () => {
    const keys = makeKeys();
    const script = `${shellFile(keys, endpoints)}\nenv`;
    const environment = { ...process.env, AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'old' };
    const lines = execFileSync(shell, ['-c', script], { encoding: 'utf8', env: environment }).split('\n');
    expect(lines).toContain(`EC2_URL=${endpoints.endpoint}`);
    expect(lines).toContain(`AWS_ACCESS_KEY_ID=${keys.own.accessKeyId}`);
    expect(lines).toContain(`AWS_SECRET_ACCESS_KEY=${keys.own.secretAccessKey}`);
    expect(lines).toContain(`RAMPART_OTHER_ACCESS_KEY_ID=${keys.other.accessKeyId}`);
    expect(lines.find((line) => line.startsWith('PATH='))).toMatch(/^PATH=[^:]*\/apps\/cli\/bin:/);
    expect(lines.filter((line) => /^AWS_(PROFILE|SESSION_TOKEN)=/.test(line))).toEqual([]);
  });
});

it('makes new keys in the form of AWS for accounts that are always the same', () => {
  const [one, other] = [makeKeys(), makeKeys()];
  expect(one.own).toMatchObject({
    accountId: '111122223333',
    accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/) as string,
    secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/) as string,
  });
  expect(one.other.accountId).toBe('444455556666');
  expect(new Set([one, other].flatMap((keys) => [keys.own.accessKeyId, keys.other.accessKeyId])).size).toBe(
    4,
  );
});
