import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.js';
import { shell, type Outcome } from '../support/shell.js';

// Real shells on a terminal of their own, and somebody who presses the tab key.

let installation: Installation;
let home: string;
let group: string;
let instance: string;
const sh = (line: string, more: Record<string, string> = {}): Promise<Outcome> =>
  shell(`cd ${home}; ${line}`, { ...installation.environment, HOME: home, TERM: 'dumb', ...more });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'rampart-completion-'));
  writeFileSync(join(home, 'user-data.txt'), 'hello');
  installation = await Installation.start(1);
  group = (await sh("ec2addgrp 'Web servers' -d x | awk '{ print $2 }'")).out.trim();
  instance = (await sh("ec2run ami-1 -g 'Web servers' | awk '/^INSTANCE/ { print $2 }'")).out.trim();
});
afterAll(async () => {
  await installation[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

const SHELLS = [
  { name: 'bash', start: 'bash --norc --noprofile -i', setUp: '' },
  { name: 'zsh', start: 'zsh -f -i', setUp: 'autoload -U compinit; compinit -u -D' },
];
const without = (program: string): boolean =>
  !['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, program)));

for (const { name, start, setUp } of SHELLS) {
  const missing = ['script', name].filter(without).join(' and ');
  describe.skipIf(missing)(`in ${name}${missing && ` (there is no ${missing})`}`, () => {
    it.for<[what: string, line: string, printed: () => string]>([
      ['a group by name, with spaces', 'ec2dgrp We\t', () => `GROUP\t${group}\t`],
      ['a group after a flag', 'ec2auth default -D -v -p 80 -o We\t', () => 'GroupName=Web+servers&'],
      ['a flag', 'ec2dgrp --show-e\t We\t', () => `\tWeb servers\tx\t(nil)`],
      ['an instance', 'ec2din i-\t', () => `INSTANCE\t${instance}\t`],
      ['a host', 'ec2run ami-1 -D -v --host ho\t', () => 'HostId=host-1&'],
      ['one of a few words', 'ec2auth default -D -v -p 53 -P ud\t', () => 'IpProtocol=udp&'],
      ['a file', 'ec2run ami-1 -D -f user\t', () => 'Client.DryRunOperation'],
      ['a command of rampart', 'rampart ho\t', () => 'LAST REPORT'],
      ['a group after a command of rampart', 'rampart groups We\t', () => `Web servers  ${group}`],
    ])('completes %s', async ([, line, printed]) => {
      const keys = [setUp, `source <(rampart completion ${name})`, line, 'exit', ''].join('\n');
      writeFileSync(join(home, 'keys'), keys);
      expect((await sh(`script -qec '${start}' /dev/null <keys`)).out).toContain(printed());
    });
  });
}

describe('what shells ask', () => {
  const complete = (words: string, more = {}): Promise<Outcome> => sh(`rampart complete ${words}`, more);

  it.each([
    ["/usr/local/bin/ec2auth ''", /^default\nWeb servers\n$/],
    ['ec2auth sg-', /^(sg-[0-9a-f]{17}\n){2}$/],
    ['ec2addtag sg-', /^(sg-[0-9a-f]{17}\n){2}$/],
    ['ec2addtag i', /^i-[0-9a-f]{17}\n$/],
    ['ec2auth --source', /^--source-or-dest-group\n--source-or-dest-group-user\n$/],
    ['ec2auth --wa', /^--wait\n$/],
    ['ec2dgrp --wa', /^$/],
    ["ec2addgrp ''", /^$/],
    [
      "rampart ''",
      /^groups\nrules\ninstances\nhosts\nchanges\nexplain\neffective\ndiff\naudit\nrefusals\nrevert\nrestore\nverify\napply\nretire\nlog\nlab\ncompletion\nhelp\n$/,
    ],
    ['rampart ec2-auth', /^ec2-authorize\n$/],
    ['rampart ec2-authorize --eg', /^--egress\n$/],
    ['rampart completion z', /^zsh\n$/],
    ["rampart nonsense ''", /^$/],
    ['elsewhere --x', /^$/],
  ])('%s', async (words, candidates) => {
    const { status, out, err } = await complete(words);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(candidates);
  });

  it.each([{ EC2_URL: 'http://127.0.0.1:1' }, { AWS_SECRET_ACCESS_KEY: '' }, { AWS_ACCESS_KEY_ID: 'who' }])(
    'gets silence for an answer when nothing can be known: %j',
    async (environment) => {
      expect(await complete("ec2auth ''", environment)).toEqual({ status: 0, out: '', err: '' });
    },
  );

  it('is refused for a shell that is not known', async () => {
    const { status, err } = await sh('rampart completion fish');
    expect(status).toBe(1);
    expect(err).toContain("rampart: completion 'fish' is unknown: use bash or zsh");
  });
});
