import { describe, expect, it } from 'vitest';
import { runVerb } from './run-verb.js';
import { hearingTerminal, words } from './testing/typed.js';
import { authorize } from './verbs/authorize.js';

const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

async function run(typed: string, environment: Record<string, string> = keys, input = '') {
  const terminal = hearingTerminal(environment, input);
  const status = await runVerb(authorize, 'ec2-authorize', words(typed), terminal);
  return { status, ...terminal.heard };
}

describe('a verb that was called wrongly', () => {
  it.each([
    ['-p 80', "missing required argument 'group'; for example: ec2-authorize Apache -p 443; see "],
    ['web db -p 80', 'too many arguments. Expected 1 argument but got 2: web, db; for example: '],
    ['web -p', "option '-p, --port-range <range>' argument missing; for example: ec2-auth"],
    ['web --protocoll udp', "unknown option '--protocoll' (Did you mean --protocol?); for example: "],
    ['web -p x', "--port-range 'x' is malformed"],
    ['web -p 80 --wait=soon', "--wait 'soon' is no number of seconds: write --wait 5"],
    ['web -p 80 --request-timeout x', "--request-timeout 'x' is no number of seconds: write "],
    ['- -p 80', "'-' reads values from standard input, one a line, and there are none"],
    ['- -p -', "'-' is given twice: standard input can be read once"],
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

describe('-', () => {
  it.each([
    ['- -p 80', "'-' brought 2 values, and this takes one <group>: call it once for each"],
    ['web -d -', "unknown option '-d'"],
    ['web -p -', "--port-range 'web' is malformed"],
    ['web -p 80 -P -', '--protocol is given 2 times'],
    ['web -p 80 -s - -U nowhere', "--url 'nowhere' is no web address"],
  ])('stands for the lines of standard input: %s', async (typed, complaint) => {
    expect((await run(typed, keys, 'web\n\n db \n')).err).toContain(complaint);
  });
});

describe('--debug', () => {
  it('shows where an error comes from, in addition', async () => {
    const { err } = await run('web -p x --debug');
    expect(err).toMatch(/^ec2-authorize: --port-range 'x' is malformed.*\nUsageError: /);
    expect(err).toContain('traffic-flags');
  });
});

describe('--help', () => {
  it.each(['--help', '-?', '-h', 'web -? -p 80'])(
    '%s shows flags and examples, and succeeds',
    async (typed) => {
      const { status, out } = await run(typed);
      expect(status).toBe(0);
      expect(out).toContain('Usage: ec2-authorize [options] <group>');
      expect(out).toContain('Examples:\n  ec2-authorize Apache -p 443\n');
      expect(out).not.toContain('--source-subnet');
    },
  );

  it.each(['--version', '-V'])('%s shows the version', async (typed) => {
    expect((await run(typed)).out).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+\n$/);
  });
});
