import { parseArgs } from 'node:util';
import { compile, difference, type HostPolicy, type PolicyRule } from '#libs/compiler';
import type { Cidr, GroupId, IpAddress, RuleId } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { noKernel, type Namespace } from '../../lab/support/namespace.js';
import { INSTANCE, INTERFACE, PORT, Road } from '../packets/road.js';
import type { Report } from '../report.js';

export const about =
  noKernel === undefined
    ? 'packets through a host’s kernel, one sender: client → host → instance, over veth'
    : `skipped, as a real kernel ${noKernel}`;

const TRACKING = 'connection tracking alone';
const COUNTS = [10, 1000, 10_000];

const KINDS = {
  'established UDP': (road: Road) => road.established(40_000),
  'new UDP flows': (road: Road) => road.newFlows(15_000),
  'TCP connects': (road: Road) => road.connects(2000),
} as const;

/** All roads take turns within a round, so that what else the machine does is the same for all. */
export async function run(report: Report, options: readonly string[]): Promise<void> {
  if (noKernel !== undefined) return;
  const { values } = parseArgs({
    args: [...options],
    options: { rounds: { type: 'string', default: '10' } },
    strict: false,
  });
  using resources = new DisposableStack();
  const roads = new Map<string, Road>([[TRACKING, resources.use(new Road('tracking', trackOnly))]]);
  for (const count of COUNTS)
    roads.set(`${count} rules`, resources.use(new Road(`rules-${count}`, (host) => enforce(host, count))));
  for (const [kind, send] of Object.entries(KINDS)) {
    const rates = new Map([...roads.keys()].map((name): [string, number[]] => [name, []]));
    for (let round = -1; round < Number(values.rounds); round++)
      for (const [name, road] of roads) {
        const rate = send(road);
        if (round >= 0) rates.get(name)?.push(rate);
      }
    for (const [name, samples] of rates) report.add(`packets: ${kind}, ${name}`, '1/s', samples);
    compare(report, kind, rates);
  }
}

function compare(report: Report, kind: string, rates: ReadonlyMap<string, readonly number[]>): void {
  const ratios = (one: string, other: string): number[] =>
    (rates.get(one) ?? []).map((rate, round) => rate / (rates.get(other)?.[round] ?? 0));
  for (const name of rates.keys())
    if (name !== TRACKING)
      report.add(`packets: ${kind}, ${name} against ${TRACKING}`, '×', ratios(name, TRACKING));
  report.add(`packets: ${kind}, 10 rules against 10000`, '×', ratios('10 rules', '10000 rules'));
}

/** What any host pays that tells connections apart. */
function trackOnly(host: Namespace): void {
  host.run(
    'nft',
    'add table inet tracking; add chain inet tracking forward { type filter hook forward priority 10; policy accept; }; add rule inet tracking forward ct state new,established accept',
  );
}

function enforce(host: Namespace, count: number): void {
  using dataplane = new NetlinkDataplane({ netns: host.path });
  const outcome = dataplane.commit(difference(dataplane.read(), compile(policyOf(count))));
  if (!outcome.committed) throw new Error(outcome.refused.reason);
}

const group = (number: number) => ({ groupId: `sg-0000000${number}` as GroupId, number });
const PREFIXES = [8, 16, 24, 32];

/** One instance. The last two rules permit; the others are of five shapes, blocks and a group. */
function policyOf(count: number): HostPolicy {
  const rules = Array.from({ length: count }, (_, n): PolicyRule => {
    const port = 10_000 + n;
    const block = `10.200.0.0/${PREFIXES[n % 5] ?? 0}`.replace('.200.0.0/8', '.0.0.0/8') as Cidr;
    return {
      ruleId: `sgr-${n}` as RuleId,
      group: group(1),
      direction: 'ingress',
      traffic: { kind: 'ports', protocol: n % 2 === 0 ? 6 : 17, from: port, to: port },
      peer: n % 5 === 4 ? { kind: 'group', ...group(2) } : { kind: 'cidr', cidr: block },
    };
  });
  const permitting = ([6, 17] as const).map((protocol): PolicyRule => ({
    ruleId: `sgr-permits-${protocol}` as RuleId,
    group: group(1),
    direction: 'ingress',
    traffic: { kind: 'ports', protocol, from: PORT, to: PORT },
    peer: { kind: 'cidr', cidr: '0.0.0.0/0' as Cidr },
  }));
  const all = [...rules.slice(permitting.length), ...permitting];
  return {
    instances: new Map([
      [
        'i-1' as never,
        {
          instanceId: 'i-1' as never,
          interfaceName: INTERFACE,
          addresses: [INSTANCE as IpAddress],
          groups: [group(1)],
        },
      ],
    ]),
    rules: new Map(all.map((rule) => [rule.ruleId, rule])),
    members: new Map([[group(2).groupId, { number: 2, addresses: new Set(['10.0.9.9' as IpAddress]) }]]),
  };
}
