import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HOST_INTERFACE,
  permitsOneWay,
  type GroupId,
  type InstanceId,
  type IpAddress,
  type RuleId,
} from '#libs/domain';
import {
  Compilation,
  compile,
  difference,
  evaluate,
  type HostPacket,
  type HostPolicy,
  type HostSettings,
  type PolicyRule,
  type Ruleset,
} from './index.js';
import {
  applyChange,
  changes,
  hostAddresses,
  hostPackets,
  manyChanges,
  replay,
  toPolicy,
} from './testing/arbitraries.js';
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

  it('has an interface wear the groups of whoever comes, whether or not the last one has gone before', () => {
    const instance = (name: string, numbers: readonly number[]) => ({
      instanceId: `i-${name}` as InstanceId,
      interfaceName: 'vnet0',
      addresses: [address(`10.0.1.${numbers.length}`)],
      groups: numbers.map(group),
    });
    const [old, young] = [instance('old', [1, 2]), instance('young', [3])];
    const compilation = new Compilation();
    compilation.launch(old);
    compilation.launch(young);
    compilation.terminate(old);
    const policy = { instances: new Map([[young.instanceId, young]]), rules: new Map(), members: new Map() };
    expect(difference(heldBy(compilation.ruleset()), compile(policy))).toEqual([]);
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
  const none = () => ({ accept: 0, drop: 0 });
  const counted = { forward: none(), input: none(), output: none() };

  it('lets through what permits() permits and nothing else', () => {
    fc.assert(
      fc.property(manyChanges, fc.array(hostPackets, { minLength: 20, maxLength: 20 }), (all, packets) => {
        const policy = policyAfter(all);
        const ruleset = compile(policy);
        for (const { source, destination, flow, reply } of packets) {
          const at = (ip: IpAddress) =>
            policy.instances.values().find(({ addresses }) => addresses.includes(ip));
          if (!at(source) && !at(destination)) continue;
          const nameOf = (ip: IpAddress): string =>
            hostAddresses.includes(ip) ? HOST_INTERFACE : (at(ip)?.interfaceName ?? 'up0');
          const [from, to] = reply ? [destination, source] : [source, destination];
          const [iifname, oifname] = [nameOf(from), nameOf(to)];
          const hook =
            iifname === HOST_INTERFACE ? 'output' : oifname === HOST_INTERFACE ? 'input' : 'forward';
          const wanted = permitted(policy, source, destination, flow) ? 'accept' : 'drop';
          counted[hook][wanted]++;
          const direction = reply ? 'reply' : 'original';
          const verdict = evaluate(ruleset, {
            hook,
            source,
            destination,
            flow,
            iifname,
            oifname,
            direction,
          });
          expect(verdict).toBe(wanted);
        }
      }),
      { numRuns: 300 },
    );
    for (const { accept, drop } of Object.values(counted)) expect(Math.min(accept, drop)).toBeGreaterThan(20); // or the property would say little
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

  it.each([
    [{ iifname: 'eth9', oifname: 'up0', source: address('10.0.0.9') }],
    [{ iifname: 'up0', oifname: 'eth9' }],
    [{ iifname: 'up0', oifname: 'eth9', direction: 'reply' }],
    [{ iifname: 'ri-1', oifname: 'eth9' }],
    [{ iifname: 'ri-1', oifname: 'eth9', direction: 'reply' }],
  ] as const)('whose groups the kernel does not hold is closed, whatever its name: %o', (seen) => {
    const bare = { instanceId: 'i-9' as InstanceId, interfaceName: 'eth9', addresses: [address('10.0.0.9')] };
    const instances = new Map([...lone.instances, [bare.instanceId, { ...bare, groups: [] }]]);
    expect(evaluate(compile({ ...lone, instances }), { flow: tcp, ...base, ...seen })).toBe('drop');
  });
});

describe('a host that is an instance, with no rule at all', () => {
  const settings: HostSettings = {
    interfaces: ['ri-*', 'vnet*'],
    failsafe: { in: [{ protocol: 6, port: 22 }], out: [{ protocol: 6, port: 4222 }] },
  };
  const [own, far] = [address('192.0.2.1'), address('198.51.100.7')];
  const host = {
    instanceId: 'i-1' as InstanceId,
    interfaceName: HOST_INTERFACE,
    addresses: [own],
    groups: [group(1)],
  };
  const ruleset = compile(
    { instances: new Map([[host.instanceId, host]]), rules: new Map(), members: new Map() },
    settings,
  );
  const [from, to] = [
    { hook: 'output', source: own, destination: far, iifname: '', oifname: 'up0' } as const,
    { hook: 'input', source: far, destination: own, iifname: 'up0', oifname: '' } as const,
  ];
  /** The packet of the same connection that goes the other way. */
  const answer = ({ source, destination }: typeof from | typeof to, back: typeof from | typeof to) =>
    ({ ...back, source, destination, direction: 'reply' }) as const;
  const tcp = (port: number) => ({ protocol: 6, port });

  it.each<[string, Omit<HostPacket, 'flow'>, number, 'accept' | 'drop']>([
    ['lets in a port that stays open', to, 22, 'accept'],
    ['answers there', answer(to, from), 22, 'accept'],
    ['lets it in when nothing is tracked', { ...to, tracked: false }, 22, 'accept'],
    ['lets no other port in', to, 80, 'drop'],
    ['lets in no port that only stays open outward', to, 4222, 'drop'],
    ['reaches a port that stays open', from, 4222, 'accept'],
    ['is answered from there', answer(from, to), 4222, 'accept'],
    ['reaches no other port', from, 443, 'drop'],
    [
      'does not get in from a port of that number',
      { ...answer(from, to), direction: 'original' },
      80,
      'drop',
    ],
    ['speaks to itself', { ...to, source: own, iifname: 'lo' }, 80, 'accept'],
    ['lets itself be spoken to', { ...from, destination: own, oifname: 'lo' }, 80, 'accept'],
    ['is no door for an instance without policy', { ...to, iifname: 'vnet3' }, 22, 'drop'],
    ['does not judge what it only forwards', { ...to, hook: 'forward', oifname: 'up1' }, 80, 'accept'],
  ])('%s', (_case, packet, port, verdict) => {
    expect(evaluate(ruleset, { flow: tcp(port), ...packet })).toBe(verdict);
  });
});
