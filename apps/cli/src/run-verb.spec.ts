import { describe, expect, it } from 'vitest';
import { runVerb } from './run-verb.js';
import { hearingTerminal, words } from './testing/typed.js';
import { authorize } from './verbs/authorize.js';

const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

async function run(typed: string, environment: Record<string, string> = keys) {
  const terminal = hearingTerminal(environment);
  const status = await runVerb(authorize, 'ec2-authorize', words(typed), terminal);
  return { status, ...terminal.heard };
}

describe('a verb that was called wrongly', () => {
  it.each([
    ['-p 80', "missing required argument 'group'; see ec2-authorize --help"],
    ['web db -p 80', 'too many arguments'],
    ['web -p', "option '-p, --port-range <range>' argument missing; see ec2-authorize --help"],
    ['web --prot udp', "unknown option '--prot'"],
    ['web -p x', "--port-range 'x' is malformed"],
    ['web -p 80 --wait=soon', "--wait 'soon' is no number of seconds: write --wait 5"],
    ['web -p 80 -U ftp://x', "--url 'ftp://x' is no web address: write it like http://"],
  ])('%s', async (typed, complaint) => {
    const { status, out, err } = await run(typed);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^ec2-authorize: /);
    expect(err).toContain(complaint);
  });

  it.each([
    [{}, 'no access key: set AWS_ACCESS_KEY_ID, or give -O'],
    [{ AWS_ACCESS_KEY_ID: 'a' }, 'no secret key: set AWS_SECRET_ACCESS_KEY, or give -W'],
    [{ ...keys, EC2_URL: 'nowhere' }, "EC2_URL 'nowhere' is no web address"],
    [{ ...keys, EC2_URL: 'http://127.0.0.1:1/' }, 'no answer from http://127.0.0.1:1/: '],
  ])('in environment %j', async (environment, complaint) => {
    const { status, err } = await run('web -p 80', environment);
    expect(status).toBe(1);
    expect(err).toContain(complaint);
  });
});

describe('--help', () => {
  it('shows flags and examples under the name called, and succeeds', async () => {
    const { status, out } = await run('--help');
    expect(status).toBe(0);
    expect(out).toContain('Usage: ec2-authorize [options] <group>');
    expect(out).toContain('Examples:\n  ec2-authorize web -p 80\n');
    expect(out).not.toContain('--source-subnet');
  });
});
