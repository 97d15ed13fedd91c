import { connectionFrom } from '../../connection/connection.js';
import { askRampart } from '../../connection/native.js';
import type { Given } from '../../flags.js';
import { UsageError } from '../../usage-error.js';
import type { RampartCommand } from '../command.js';
import { explanationText, type ExplanationView } from './explanation-text.js';
import { ACCOUNT_FLAG, withQuery } from './asked.js';

/** Exit status 0 when the packet gets there, 1 when it does not. */
export const explain: RampartCommand = {
  summary: 'Says whether a packet gets there, by which rules, and if not what is missing; status 1 then.',
  operands: '',
  looksBack: true,
  flags: [
    { flags: '--from <end>', says: 'the id of an instance, or an IP address', completes: 'instance' },
    { flags: '--to <end>', says: 'the same', completes: 'instance' },
    {
      flags: '-P, --protocol <protocol>',
      says: 'tcp, udp, icmp, icmpv6 or an IP protocol number; tcp unless given',
      completes: ['tcp', 'udp', 'icmp', 'icmpv6'],
    },
    { flags: '-p, --port <port>', says: 'of the destination, for TCP and UDP' },
    { flags: '-t, --icmp-type-code <type:code>', says: 'ICMP type and code; a ping unless given' },
    { flags: '--ipv6', says: 'over IPv6 where IPv4 would do as well' },
    ACCOUNT_FLAG,
    { flags: '--json', says: 'print JSON' },
  ],
  examples: [
    ['--from 10.0.1.4 --to 198.51.100.10 --port 443', 'may the instance at 10.0.1.4 reach that web server?'],
    ['--from 10.0.1.4 --to 198.51.100.10 -P icmp', 'may it ping it?'],
    ['--from 10.0.1.4 --to 198.51.100.10 --port 443 --at 1m --json', 'could it a minute ago? For programs'],
  ],
  run: async (given, terminal) => {
    const answer = await askRampart<ExplanationView>(connectionFrom(given, terminal), pathFor(given));
    terminal.out(given.has('--json') ? `${JSON.stringify(answer, undefined, 2)}\n` : explanationText(answer));
    return answer.allowed ? 0 : 1;
  },
};

function pathFor(given: Given): string {
  const [icmpType, icmpCode] = icmpFrom(given.one('--icmp-type-code'));
  return withQuery('/v1/explain', {
    from: needed(given, '--from'),
    to: needed(given, '--to'),
    protocol: given.one('--protocol'),
    port: given.one('--port'),
    icmpType,
    icmpCode,
    family: given.has('--ipv6') ? '6' : undefined,
    at: given.one('--at'),
    account: given.one('--account'),
  });
}

function needed(given: Given, flag: string): string {
  const value = given.one(flag);
  if (value !== undefined) return value;
  throw new UsageError(`${flag} is missing: give the id of an instance, or an IP address`);
}

function icmpFrom(text: string | undefined): readonly [type?: string, code?: string] {
  if (text === undefined) return [];
  const [, type, code] = /^([0-9]{1,3}):([0-9]{1,3})$/.exec(text) ?? [];
  if (type !== undefined && code !== undefined) return [type, code];
  throw new UsageError(`--icmp-type-code '${text}' is malformed: a packet has one of each, as in -t 8:0`);
}
