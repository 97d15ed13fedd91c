import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permitsOneWay, type GroupId, type InstanceId, type IpAddress, type RuleId } from '#libs/domain';
import {
  Compilation,
  compile,
  difference,
  evaluate,
  type HostPolicy,
  type PolicyRule,
  type Ruleset,
} from './index.js';
import { applyChange, changes, hostPackets, manyChanges, replay, toPolicy } from './testing/arbitraries.js';
import { applyTransaction, heldBy } from './testing/apply.js';

const group = (number: number): { groupId: GroupId; number: number } => ({
  groupId: `sg-0000000${number}` as GroupId,
  number,
});
const address = (text: string): IpAddress => text as IpAddress;

describe('compilation', () => {
  it('shares the element of two rules that permit the same, until the last of them goes', () => {
    const compilation = new Compilation();
    const rule = (ruleId: string, from: number, to: number) =>
      ({
        ruleId: ruleId as RuleId,
        group: group(1),
        direction: 'ingress',
        traffic: { kind: 'ports', protocol: 6, from, to },
        peer: { kind: 'group', ...group(2) },
      }) as const;
    compilation.authorize(rule('sgr-1', 80, 81));
    compilation.authorize(rule('sgr-2', 81, 82));
    compilation.take();
    compilation.revoke(rule('sgr-1', 80, 81));
    expect(compilation.take()).toEqual([
      expect.objectContaining({ type: 'deleteElements', elements: [{ key: [1, 2, 6, 80] }] }),
    ]);
  });

  it('makes one element of one rule when its shape is in use', () => {
    const compilation = new Compilation();
    const join = (octet: number): void => compilation.join(7, address(`10.0.0.${octet}`));
    join(1);
    compilation.take();
    join(2);
    expect(compilation.take()).toEqual([
      expect.objectContaining({ type: 'addElements', elements: [{ key: ['10.0.0.2'], value: 7 }] }),
    ]);
  });

  it('leaves the maps of members bound as they are when a block of a new shape comes: that costs their size', () => {
    const compilation = new Compilation();
    const rule = (ruleId: string, peer: object) =>
      ({
        ruleId,
        group: group(1),
        direction: 'ingress',
        traffic: { kind: 'all' },
        peer,
      }) as unknown as PolicyRule;
    compilation.authorize(rule('sgr-1', { kind: 'group', ...group(2) }));
    compilation.join(2, address('10.0.0.1'));
    const replaced = (): string =>
      JSON.stringify(compilation.take().filter(({ type }) => type === 'replaceRules'));
    expect(replaced()).toContain('members_ip_1');
    compilation.authorize(rule('sgr-2', { kind: 'cidr', cidr: '10.64.0.0/11' }));
    const again = replaced();
    expect(again).toContain('"ingress"');
    expect(again).not.toContain('members_ip_1');
  });

  it('yields nothing when nothing changed in sum', () => {
    const compilation = new Compilation();
    compilation.join(7, address('10.0.0.1'));
    compilation.leave(7, address('10.0.0.1'));
    expect(compilation.take()).toEqual([]);
  });

  it('ends, whatever the way there, where a fresh compile begins', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const compilation = new Compilation();
        let kernel: Ruleset = applyTransaction(undefined, difference(undefined, compilation.ruleset()));
        const state = replay();
        for (const change of all) {
          applyChange(state, change, compilation);
          kernel = applyTransaction(kernel, compilation.take());
        }
        expect(kernel).toEqual(compile(toPolicy(state)));
      }),
      { numRuns: 200 },
    );
  });

  it('repairs any held table with one difference, and finds nothing to do afterwards', () => {
    fc.assert(
      fc.property(changes, changes, (one, other) => {
        const [held, desired] = [one, other].map((all) => compile(policyAfter(all)));
        if (!held || !desired) throw new Error('unreachable');
        const repaired = applyTransaction(held, difference(heldBy(held), desired));
        expect(repaired).toEqual(desired);
        expect(difference(heldBy(repaired), desired)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

function policyAfter(all: readonly Parameters<typeof applyChange>[1][]): HostPolicy {
  const state = replay();
  for (const change of all) applyChange(state, change);
  return toPolicy(state);
}

describe('the compiled program', () => {
  const counted = { accept: 0, drop: 0 };

  it('lets through what permits() permits and nothing else', () => {
    fc.assert(
      fc.property(manyChanges, fc.array(hostPackets, { minLength: 20, maxLength: 20 }), (all, packets) => {
        const policy = policyAfter(all);
        const ruleset = compile(policy);
        for (const { source, destination, flow, reply } of packets) {
          const at = (ip: IpAddress) =>
            policy.instances.values().find(({ addresses }) => addresses.includes(ip));
          const [sender, receiver] = [at(source), at(destination)];
          if (!sender && !receiver) continue;
          const [iifname, oifname] = [sender?.interfaceName ?? 'up0', receiver?.interfaceName ?? 'up0'];
          const seen = reply
            ? ({ direction: 'reply', iifname: oifname, oifname: iifname } as const)
            : { iifname, oifname };
          counted[permitted(policy, source, destination, flow) ? 'accept' : 'drop']++;
          const verdict = evaluate(ruleset, { hook: 'forward', source, destination, flow, ...seen });
          expect(verdict).toBe(permitted(policy, source, destination, flow) ? 'accept' : 'drop');
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(counted.accept, counted.drop)).toBeGreaterThan(100); // or the property would say little
  });
});

/** The reference semantics, on what one host knows. */
function permitted(
  policy: HostPolicy,
  source: IpAddress,
  destination: IpAddress,
  flow: Parameters<typeof permitsOneWay>[4],
) {
  const instanceAt = (ip: IpAddress) =>
    policy.instances.values().find(({ addresses }) => addresses.includes(ip));
  const known = {
    groupsAt: (ip: IpAddress) => {
      const joined = policy.members.entries().filter(([, { addresses }]) => addresses.has(ip));
      return joined.map(([groupId]) => groupId).toArray();
    },
    blocksOf: () => [],
    rulesOf: (groupId: GroupId) =>
      policy.rules
        .values()
        .filter((rule) => rule.group.groupId === groupId)
        .map((rule) => ({
          ...rule,
          groupId,
          peer: rule.peer.kind === 'group' ? { ...rule.peer, accountId: '111122223333' as never } : rule.peer,
        })),
  };
  const judged = (own: IpAddress, peer: IpAddress, direction: 'ingress' | 'egress'): boolean => {
    const groups = instanceAt(own)?.groups.map(({ groupId }) => groupId);
    if (!groups) return true;
    // Only what the instance itself wears judges it; what the peer is a member of is known by its address.
    return permitsOneWay(
      { ...known, groupsAt: (ip) => (ip === own ? groups : known.groupsAt(ip)) },
      direction,
      own,
      peer,
      flow,
    );
  };
  return judged(source, destination, 'egress') && judged(destination, source, 'ingress');
}

describe('an interface', () => {
  const lone: HostPolicy = {
    instances: new Map([
      [
        'i-1' as InstanceId,
        {
          instanceId: 'i-1' as InstanceId,
          interfaceName: 'ri-1',
          addresses: [address('10.0.0.4')],
          groups: [group(1)],
        },
      ],
    ]),
    rules: new Map([
      [
        'sgr-1' as RuleId,
        {
          ruleId: 'sgr-1' as RuleId,
          group: group(1),
          direction: 'egress',
          traffic: { kind: 'all' },
          peer: { kind: 'cidr', cidr: '0.0.0.0/0' as never },
        },
      ],
    ]),
    members: new Map(),
  };
  const ruleset = compile(lone);
  const base = { hook: 'forward', source: address('10.0.0.4'), destination: address('192.0.2.1') } as const;
  const tcp = { protocol: 6, port: 443 };

  it.each([
    ['sends from its own address', { iifname: 'ri-1', oifname: 'up0' }, 'accept'],
    [
      'sends from an address that is not its own',
      { iifname: 'ri-1', oifname: 'up0', source: address('10.0.0.5') },
      'drop',
    ],
    ['is ours but has no policy', { iifname: 'ri-9', oifname: 'up0' }, 'drop'],
    ['is ours, has no policy, and is sent to', { iifname: 'up0', oifname: 'ri-9' }, 'drop'],
    ['is none of ours', { iifname: 'up0', oifname: 'up1' }, 'accept'],
    [
      'gets what no rule lets in',
      { iifname: 'up0', oifname: 'ri-1', source: address('192.0.2.1'), destination: address('10.0.0.4') },
      'drop',
    ],
    ['gets the answer to what it sent', { iifname: 'up0', oifname: 'ri-1', direction: 'reply' }, 'accept'],
    [
      'sends the middle of an unknown TCP connection',
      { iifname: 'ri-1', oifname: 'up0', midstream: true },
      'drop',
    ],
    ['sends TCP that no connection explains', { iifname: 'ri-1', oifname: 'up0', tracked: false }, 'drop'],
    [
      'sends a stray ICMP error',
      { iifname: 'ri-1', oifname: 'up0', tracked: false, flow: { protocol: 1, type: 3, code: 1 } },
      'accept',
    ],
  ] as const)('that %s: %s → %s', (_case, seen, verdict) => {
    expect(evaluate(ruleset, { flow: tcp, ...base, ...seen })).toBe(verdict);
  });
});
