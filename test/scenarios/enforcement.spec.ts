import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { difference, type Transaction } from '#libs/compiler';
import { FakeDataplane, type CommitOutcome } from '#libs/nftables';
import type { Delta, SyncReply } from '#libs/protocol';
import { EnforcedPolicy } from '../../apps/host-agent/src/enforcement/enforced-policy.js';
import { StateFile } from '../../apps/host-agent/src/state/state-file.js';

const web = { groupId: 'sg-00000001' as never, number: 1 };
const db = { groupId: 'sg-00000002' as never, number: 2 };
const instance = (n: number, ...groups: readonly (typeof web)[]) => ({
  instanceId: `i-0000000${n}` as never,
  interfaceName: `ri-0000000${n}`,
  addresses: [`10.0.1.${n}` as never],
  groups,
});
const rule = (n: number, port: number) =>
  ({
    ruleId: `sgr-0000000${n}` as never,
    direction: 'ingress',
    traffic: { kind: 'ports', protocol: 6, from: port, to: port },
    peer: { kind: 'cidr', cidr: '192.0.2.0/24' as never },
  }) as const;
const everything: SyncReply = {
  version: 1,
  position: 5,
  host: { position: 5, instances: [instance(4, web), instance(5, db)] },
  rules: [
    { ...web, position: 3, rules: [rule(1, 80)] },
    { ...db, position: 4, rules: [] },
  ],
  members: [],
  more: false,
};
const added = (group: typeof web, position: number, previous: number, ...rules: object[]): Delta =>
  ({ type: 'rules', ...group, position, previous, added: rules, removed: [] }) as never;

/** A kernel that does not take elements for a port, as one without memory for them would not. */
class Picky extends FakeDataplane {
  refusedPort: number | undefined;

  override commit(transaction: Transaction): CommitOutcome {
    for (const [index, operation] of transaction.entries()) {
      const element =
        operation.type === 'addElements' && this.refusedPort !== undefined
          ? operation.elements.find(({ key }) => key[3] === this.refusedPort)
          : undefined;
      if (!element) continue;
      const reason = 'ENOMEM, the kernel has no memory for it';
      return { committed: false, refused: { index, operation, element, code: 'ENOMEM', reason, done: 0 } };
    }
    return super.commit(transaction);
  }
}

const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'rampart-enforcement-')), 'state');
const restore = (dataplane: FakeDataplane, file = newFile()): EnforcedPolicy =>
  EnforcedPolicy.restore(dataplane, new StateFile(file), () => undefined);
const portsIn = (dataplane: FakeDataplane): readonly unknown[] =>
  [...(dataplane.ruleset.sets.get('ingress_ip_24_port_16')?.elements.values() ?? [])].map(
    ({ key }) => key[3],
  );

describe('what the kernel refuses', () => {
  it('is left out and reported, while everything else goes on', () => {
    const kernel = new Picky();
    const host = restore(kernel);
    host.takeAnswer(everything);
    kernel.refusedPort = 443;
    const { outcomes } = host.take(added(web, 6, 3, rule(2, 443), rule(3, 8080)));
    expect(outcomes.enforced).toEqual([]);
    expect(outcomes.refused).toMatchObject([{ chain: 'rules', id: web.groupId, position: 6 }]);
    expect(outcomes.refused[0]?.reason).toContain('ENOMEM');
    expect(portsIn(kernel)).toEqual([80, 8080]);
    const others = host.take(added(db, 7, 4, rule(4, 3306)));
    expect(others.outcomes.enforced).toMatchObject([{ chain: 'rules', id: db.groupId, position: 7 }]);
    expect(portsIn(kernel)).toEqual([80, 8080, 3306]);
    expect(host.isDegraded).toBe(true);
  });

  it('is tried again, and then confirmed', () => {
    const kernel = new Picky();
    const host = restore(kernel);
    host.takeAnswer(everything);
    kernel.refusedPort = 443;
    host.take(added(web, 6, 3, rule(2, 443)));
    expect(host.retry()).toEqual({ enforced: [], refused: [] });
    kernel.refusedPort = undefined;
    expect(host.retry().enforced).toEqual([{ chain: 'rules', id: web.groupId, position: 6 }]);
    expect(host.isDegraded).toBe(false);
    expect(portsIn(kernel)).toEqual([80, 443]);
  });

  it('is forgotten with the rule that it was for', () => {
    const kernel = new Picky();
    const host = restore(kernel);
    host.takeAnswer(everything);
    kernel.refusedPort = 443;
    host.take(added(web, 6, 3, rule(2, 443)));
    const gone = { ...added(web, 7, 6), removed: [rule(2, 443).ruleId] } as Delta;
    expect(host.take(gone).outcomes.enforced).toContainEqual({
      chain: 'rules',
      id: web.groupId,
      position: 7,
    });
    expect(host.isDegraded).toBe(false);
  });
});

describe('meddling', () => {
  it.each<[string, (kernel: FakeDataplane) => Transaction]>([
    ['a deleted table', () => [{ type: 'deleteTable' }]],
    [
      'an emptied set',
      (kernel) => {
        const { set, elements } = kernel.ruleset.sets.get('ingress_ip_24_port_16') ?? {};
        return set && elements ? [{ type: 'deleteElements', set, elements: [...elements.values()] }] : [];
      },
    ],
    ['an emptied chain', () => [{ type: 'replaceRules', chain: { name: 'judge', statements: [] } }]],
  ])('is undone: %s', (_what, meddling) => {
    const kernel = new FakeDataplane();
    const host = restore(kernel);
    host.takeAnswer(everything);
    host.check(); // begins the watching
    expect(host.check()).toBeUndefined();
    expect(kernel.meddle(meddling(kernel))).toEqual({ committed: true });
    expect(host.check()?.operations).toBeGreaterThan(0);
    expect(difference(kernel.read(), host.policy.ruleset)).toEqual([]);
    expect(host.check()).toBeUndefined();
  });
});

describe('a lost state file', () => {
  it('leaves the kernel as it is until everything has been asked for', () => {
    const kernel = new FakeDataplane();
    restore(kernel).takeAnswer(everything);
    const before = structuredClone(kernel.read());
    const host = restore(kernel);
    expect(kernel.read()).toEqual(before);
    const { host: placed, ...rest } = everything;
    const part = { ...rest, rules: [], more: true };
    expect(host.takeAnswer({ ...part, ...(placed ? { host: placed } : {}) }).outcomes.enforced).toEqual([]);
    expect(host.check()).toBeUndefined();
    expect(kernel.read()).toEqual(before);
    const answer = { ...rest, rules: [{ ...web, position: 9, rules: [] }, ...everything.rules.slice(1)] };
    host.takeAnswer(answer);
    expect(portsIn(kernel)).toEqual([]);
    expect(difference(kernel.read(), host.policy.ruleset)).toEqual([]);
  });
});
