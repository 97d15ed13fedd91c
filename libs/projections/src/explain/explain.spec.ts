import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EC2_LIMITS,
  decide,
  evolve,
  permits,
  permitsOneWay,
  policyOf,
  trafficIncludes,
  type Flow,
  type IpAddress,
  type Packet,
  type RecordedEvent,
} from '#libs/domain';
import { Directory } from '../directory/directory.js';
import { openRandomCell, steps, type RandomCell } from '../../../domain/src/testing/random-cell.js';
import { authorizeLine } from './authorize-line.js';
import { effectiveRules } from './effective-rules.js';
import { explain, type Judgement } from './explain.js';
import { instanceAt, policyIn } from './membership.js';
import { packetBetween } from './packet-between.js';

const directoryOf = (events: readonly RecordedEvent[]): Directory => {
  const directory = new Directory();
  for (const event of events) directory.project(event);
  return directory;
};

const flows = fc.oneof<fc.Arbitrary<Flow>[]>(
  fc.record({ protocol: fc.constantFrom(6, 6, 17), port: fc.nat(40) }),
  fc.constantFrom({ protocol: 1, type: 8, code: 0 }, { protocol: 58, type: 128, code: 0 }, { protocol: 47 }),
);
const cases = fc.tuple(steps(40, 120), fc.array(fc.tuple(fc.nat(), fc.nat(), flows), { minLength: 20 }));

/** Between addresses that instances have and addresses that none has. */
function packetsIn({ state }: RandomCell, chosen: readonly (readonly [number, number, Flow])[]): Packet[] {
  const strangers = ['192.0.2.9', '198.51.1.1', '10.0.1.200', '2001:db8::1'] as IpAddress[];
  const all = [...state.addresses.keys(), ...strangers];
  return chosen.map(([from, to, flow]) => ({
    source: all[from % all.length] as IpAddress,
    destination: all[to % all.length] as IpAddress,
    flow,
  }));
}

describe('explain', () => {
  it('says what the reference semantics say, in each direction, and names the rules that say so', () => {
    const seen = { allowed: 0, denied: 0 };
    fc.assert(
      fc.property(cases, ([all, chosen]) => {
        const history = openRandomCell(all);
        const [directory, policy] = [directoryOf(history.events), policyOf(history.state)];
        for (const packet of packetsIn(history, chosen)) {
          const { source, destination, flow } = packet;
          const { allowed, egress, ingress } = explain(directory, packet);
          expect(allowed).toBe(permits(policy, packet));
          expect(permits(policyIn(directory), packet)).toBe(allowed);
          for (const [direction, judgement, own, peer] of [
            ['egress', egress, source, destination],
            ['ingress', ingress, destination, source],
          ] as const) {
            const isAllowed = permitsOneWay(policy, direction, own, peer, flow);
            expect(judgement.verdict !== 'denied').toBe(isAllowed);
            expect(judgement.verdict === 'not asked').toBe(policy.groupsAt(own) === undefined);
            expectRules(judgement, direction, flow);
            if (judgement.verdict !== 'not asked') seen[judgement.verdict]++;
          }
        }
      }),
      { numRuns: 150 },
    );
    expect(Math.min(seen.allowed, seen.denied)).toBeGreaterThan(100); // or the property would say little
  });

  it('names a permission that is missing, which once authorized opens just that direction', () => {
    fc.assert(
      fc.property(cases, ([all, chosen]) => {
        const history = openRandomCell(all);
        const directory = directoryOf(history.events);
        for (const packet of packetsIn(history, chosen).slice(0, 5))
          for (const direction of ['egress', 'ingress'] as const) {
            const before = explain(directory, packet)[direction];
            if (before.verdict !== 'denied') continue;
            const { group, traffic, peer, direction: named } = before.missing.permission;
            expect(named).toBe(direction);
            const requested =
              peer.kind === 'group' ? { ...peer, group: { groupId: peer.groupId } } : (peer as never);
            history.wish(() => ({
              type: 'AuthorizeRules',
              accountId: group.accountId,
              group: { groupId: group.groupId },
              direction,
              rules: [{ ruleId: history.newId('sgr'), traffic, peer: requested }],
            }));
            for (const event of history.events.slice(directory.position)) directory.project(event);
            expect(explain(directory, packet)[direction].verdict).toBe('allowed');
          }
      }),
      { numRuns: 100 },
    );
  });
});

function expectRules(judgement: Judgement, direction: string, flow: Flow): void {
  if (judgement.verdict === 'allowed')
    for (const { view, group } of judgement.by) {
      expect(view.rule).toMatchObject({ direction, groupId: group.groupId });
      expect(trafficIncludes(view.rule.traffic, flow)).toBe(true);
    }
  if (judgement.verdict === 'denied')
    for (const { view, differs } of judgement.missing.nearest) {
      expect(view.rule.direction).toBe(direction);
      expect(trafficIncludes(view.rule.traffic, flow)).toBe(differs === 'peer');
    }
}

describe('the story of MySQL and Apache', () => {
  const story = openRandomCell();
  const [accountId, group] = ['111122223333', (groupName: string) => ({ groupName })];
  const wish = (command: object): void => story.wish(() => ({ accountId, ...command }));
  const authorize = (name: string, port: number, peer: object, direction = 'ingress'): void => {
    const traffic = { kind: 'ports', protocol: 6, from: port, to: port };
    const rules = [{ ruleId: story.newId('sgr'), traffic, peer }];
    wish({ type: 'AuthorizeRules', group: group(name), direction, rules });
  };
  const launched = (name: string): { readonly id: never; readonly address: IpAddress } => {
    const kind = { imageId: 'ami', instanceType: 't', atLeast: 1, groups: [group(name)], hostId: 'host-1' };
    const id = story.newId('i') as never;
    wish({ type: 'LaunchInstances', reservationId: story.newId('r'), instanceIds: [id], ...kind });
    return { id, address: story.state.instances.get(id)?.addresses[0] as IpAddress };
  };
  story.wish(() => ({ type: 'EnrollHost', hostId: 'host-1', ranges: ['10.0.1.0/24', 'fd00::/64'] }));
  for (const name of ['Apache', 'MySQL', 'My $pecial group']) {
    const ruleIds = [story.newId('sgr'), story.newId('sgr')];
    wish({ type: 'CreateGroup', groupId: story.newId('sg'), name, description: name, ruleIds });
  }
  authorize('Apache', 80, { kind: 'cidr', cidr: '0.0.0.0/0' });
  authorize('MySQL', 3306, { kind: 'group', accountId, group: group('Apache') });
  const [apache, mysql, special] = ['Apache', 'MySQL', 'My $pecial group'].map(launched);
  const directory = directoryOf(story.events);
  const ask = (from: object, to: object, protocol: number, more: object = {}) => {
    const packet = packetBetween(directory, { from, to, flow: { protocol, ...more } } as never);
    if ('code' in packet) throw new Error(packet.code);
    return explain(directory, packet);
  };
  const at = (place?: { readonly id: string }) => ({ kind: 'instance', instanceId: place?.id });
  const internet = { kind: 'address', address: '198.51.100.10' };
  const lineFor = (judgement: Judgement): string =>
    judgement.verdict === 'denied' ? authorizeLine(judgement.missing.permission) : judgement.verdict;

  it('names the groups on the way of what is allowed', () => {
    const { allowed, egress, ingress } = ask(at(apache), at(mysql), 6, { port: 3306 });
    expect(allowed).toBe(true);
    expect(egress).toMatchObject({ by: [{ group: { name: 'Apache' } }] });
    expect(ingress).toMatchObject({ by: [{ group: { name: 'MySQL' }, view: { peerName: 'Apache' } }] });
  });

  it.each<[string, object, object, number, object, string, string[]]>([
    ['the wrong port', at(apache), at(mysql), 6, { port: 3307 }, 'MySQL -P tcp -p 3307 -o Apache', ['port']],
    [
      'a stranger',
      internet,
      at(mysql),
      6,
      { port: 3306 },
      'MySQL -P tcp -p 3306 -s 198.51.100.10/32',
      ['peer'],
    ],
    ['another protocol', internet, at(apache), 47, {}, 'Apache -P 47 -s 198.51.100.10/32', ['protocol']],
    [
      'a ping',
      at(mysql),
      at(apache),
      1,
      { type: 8, code: 0 },
      'Apache -P icmp -t 8:0 -o MySQL',
      ['protocol'],
    ],
    [
      'a name that a shell would take apart',
      at(special),
      at(special),
      17,
      { port: 53 },
      "'My $pecial group' -P udp -p 53 -o 'My $pecial group'",
      [],
    ],
  ])('says what %s lacks', (_what, from, to, protocol, more, line, nearest) => {
    const { allowed, ingress } = ask(from, to, protocol, more);
    expect(allowed).toBe(false);
    expect(lineFor(ingress)).toBe(`ec2-authorize ${line}`);
    expect(ingress).toMatchObject({ missing: { nearest: nearest.map((differs) => ({ differs })) } });
  });

  it('asks over IPv4 where both would do, over IPv6 for ICMPv6 and when told to', () => {
    const over = (protocol: number, more: object = {}) =>
      packetBetween(directory, { from: at(apache), to: at(mysql), flow: { protocol }, ...more } as never);
    expect(over(6)).toMatchObject({ source: apache?.address });
    expect(over(58)).toMatchObject({ source: expect.stringContaining('fd00') as string });
    expect(over(6, { family: 6 })).toMatchObject({ source: expect.stringContaining('fd00') as string });
    const mixed = { from: internet, to: at(mysql), flow: { protocol: 6 }, family: 6 };
    expect(packetBetween(directory, mixed as never)).toMatchObject({ code: 'FamilyNotShared' });
    const unknown = { ...mixed, from: at({ id: 'i-00000000' }) };
    expect(packetBetween(directory, unknown as never)).toMatchObject({ code: 'InstanceUnknown' });
  });

  it('lists what holds for an instance, with what peers stand for', () => {
    const view = instanceAt(directory, mysql?.address as IpAddress);
    if (!view) throw new Error('there is no MySQL');
    const rules = effectiveRules(directory, view, 1);
    expect(rules.map(({ view: { rule } }) => rule.direction)).toEqual(['ingress', 'egress', 'egress']);
    expect(rules[0]?.peer).toMatchObject({ kind: 'group', instances: 1, addresses: [apache?.address] });
  });

  it('knows since when a rule permits what it permits', () => {
    const rule = [...directory.rules.of(accountId as never)].find((one) => one.peerName === 'Apache')?.rule;
    if (!rule) throw new Error('there is no rule for Apache');
    const traffic = { kind: 'ports', protocol: 6, from: 3306, to: 3307 };
    const rules = [{ ...rule, traffic, peer: { ...rule.peer, group: group('Apache') } }];
    const modify = { type: 'ModifyRules', accountId, group: group('MySQL'), rules };
    const decision = decide(modify as never, story.state, EC2_LIMITS);
    if (!decision.accepted) throw new Error(JSON.stringify(decision.refusal));
    const position = directory.position + 1;
    for (const event of decision.events) {
      evolve(story.state, event);
      directory.project({ position, event } as RecordedEvent);
    }
    expect(ask(at(apache), at(mysql), 6, { port: 3307 }).ingress).toMatchObject({
      by: [{ view: { since: position } }],
    });
  });
});
