import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, difference } from '#libs/compiler';
import { decide, evolve, initialCellState, type Command, type RecordedEvent } from '#libs/domain';
import { Distribution } from '#libs/projections';
import { FakeDataplane } from '#libs/nftables';
import type { Delta, SyncReply } from '#libs/protocol';
import { answerSync } from '../../apps/control-plane/src/distribution/sync.js';
import { Wire } from '../../apps/control-plane/src/distribution/wire.js';
import { AgentPolicy } from '../../apps/host-agent/src/policy/agent-policy.js';

const accountId = '111122223333';
const hosts = ['host-1', 'host-2'];

/** Commands on few groups and instances, by number; what does not apply is refused and changes nothing. */
const commands = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('CreateGroup'), n: fc.nat(4) }),
    fc.record({ type: fc.constant('LaunchInstances'), n: fc.nat(40), g: fc.nat(4) }),
    fc.record({ type: fc.constant('TerminateInstances'), n: fc.nat(40) }),
    fc.record({
      type: fc.constantFrom('AuthorizeRules', 'RevokeRules'),
      g: fc.nat(4),
      peer: fc.nat(7),
      port: fc.nat(2),
    }),
    fc.record({
      type: fc.constant('ModifyRules'),
      n: fc.nat(20),
      g: fc.nat(4),
      peer: fc.nat(7),
      port: fc.nat(2),
    }),
    fc.record({ type: fc.constant('DeleteGroup'), n: fc.nat(4) }),
    fc.record({ type: fc.constantFrom('CreatePrefixList', 'DeletePrefixList'), n: fc.nat(1) }),
    fc.record({ type: fc.constant('ModifyPrefixList'), n: fc.nat(1), g: fc.nat(3), port: fc.nat(1) }),
  ),
  { minLength: 20, maxLength: 80, size: 'max' },
);
type Wish = { type: string; n?: number; g?: number; peer?: number; port?: number };

let nextId = 0;
const id = (prefix: string): string => `${prefix}-${(++nextId).toString(16).padStart(8, '0')}`;

/** Instances by place; a place is given a new id at each launch, as ids never come back. */
const placed = new Map<number, string>();

/** Prefix lists by place, and rules by group, likewise. */
const lists = new Map<number, string>();
const ruleIds = new Map<number, string[]>();

function commandFrom({ type, n = 0, g = 0, peer = 0, port = 0 }: Wish): Command {
  const group = { groupName: `g${g}` };
  const permission = {
    traffic: { kind: 'ports', protocol: 6, from: 80, to: 80 + port },
    peer: peerFrom(peer),
  };
  const rules = { accountId, group, direction: 'ingress' };
  const all: Record<string, object> = {
    CreateGroup: {
      accountId,
      groupId: id('sg'),
      name: `g${n}`,
      description: 'd',
      ruleIds: [id('sgr'), id('sgr')],
    },
    DeleteGroup: { accountId, group: { groupName: `g${n}` } },
    AuthorizeRules: {
      ...rules,
      rules: [{ ruleId: type === 'AuthorizeRules' ? authorized(g) : '', ...permission }],
    },
    ModifyRules: {
      accountId,
      group,
      rules: [{ ruleId: ruleIds.get(g)?.at(-1 - n) ?? 'sgr-00000000', ...permission }],
    },
    CreatePrefixList: {
      accountId,
      prefixListId: type === 'CreatePrefixList' ? created(n) : '',
      name: 'l',
      family: 4,
      maxEntries: 5,
      entries: [{ cidr: '192.0.2.0/24' }],
    },
    ModifyPrefixList: {
      accountId,
      prefixListId: lists.get(n) ?? 'pl-00000000',
      add: port === 0 ? [{ cidr: `10.${g}.0.0/16` }] : [],
      remove: port === 1 ? [`10.${g}.0.0/16`] : [],
    },
    DeletePrefixList: { accountId, prefixListId: lists.get(n) ?? 'pl-00000000' },
    RevokeRules: { ...rules, permissions: [permission], ruleIds: [] },
    LaunchInstances: {
      accountId,
      reservationId: id('r'),
      instanceIds: [type === 'LaunchInstances' ? launched(n) : ''],
      atLeast: 1,
      groups: [group],
      imageId: 'a',
      instanceType: 't',
      hostId: hosts[n % 2],
    },
    TerminateInstances: { accountId, instanceIds: [placed.get(n) ?? 'i-00000000'] },
  };
  return { type, ...all[type] } as Command;
}

function peerFrom(peer: number): object {
  if (peer === 5) return { kind: 'cidr', cidr: '0.0.0.0/0' };
  if (peer > 5) return { kind: 'prefix-list', prefixListId: lists.get(peer - 6) ?? 'pl-00000000' };
  return { kind: 'group', accountId, group: { groupName: `g${peer}` } };
}

function authorized(g: number): string {
  const ruleId = id('sgr');
  ruleIds.set(g, [...(ruleIds.get(g) ?? []).slice(-30), ruleId]);
  return ruleId;
}

function created(n: number): string {
  const prefixListId = id('pl');
  lists.set(n, prefixListId);
  return prefixListId;
}

function launched(n: number): string {
  const instanceId = id('i');
  placed.set(n, instanceId);
  return instanceId;
}

/** Much coming and going in two groups, of which one is the other's peer. */
const comings = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('LaunchInstances'), n: fc.nat(9), g: fc.nat(1) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('TerminateInstances'), n: fc.nat(9) }) },
    fc.record({
      type: fc.constantFrom('AuthorizeRules', 'RevokeRules'),
      g: fc.nat(1),
      peer: fc.constantFrom(0, 1, 5),
      port: fc.nat(2),
    }),
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

/** A cell in memory: commands in, deltas for one host out. */
class Cell {
  readonly #state = initialCellState();
  readonly #distribution = new Distribution();
  readonly #wire = new Wire(this.#distribution);
  readonly #log: string;
  #position = 0;

  constructor(prefixLength = 24, log = 'a') {
    this.#log = log;
    this.execute({
      type: 'OpenAccount',
      accountId,
      vpcId: 'vpc-00000001',
      defaultGroupId: id('sg'),
      ruleIds: [id('sgr'), id('sgr'), id('sgr')],
    } as never);
    for (const [k, hostId] of hosts.entries())
      this.execute({ type: 'EnrollHost', hostId, ranges: [`10.0.${k}.0/${prefixLength}`] } as never);
  }

  execute(command: Command): readonly { delta: Delta; concerned: ReadonlySet<string> }[] {
    const decision = decide(command, this.#state);
    if (!decision.accepted) return [];
    const commit = decision.events.map((event): RecordedEvent => {
      evolve(this.#state, event);
      this.#position++;
      return {
        position: this.#position,
        id: `event ${this.#log} ${this.#position}`.padStart(12),
        event,
      } as RecordedEvent;
    });
    return this.#distribution.project(commit).map(({ delta, concerned }) => ({
      delta: JSON.parse(JSON.stringify(this.#wire.delta(delta))) as Delta,
      concerned,
    }));
  }

  sync(policy: AgentPolicy, hostId: string): void {
    while (this.syncOnce(policy, hostId));
  }

  /** One question and its answer, of that many bytes; whether there is more to ask. */
  syncOnce(policy: AgentPolicy, hostId: string, replyBytes?: number): boolean {
    const { positions: has, events, cursors: resume } = policy;
    const request = { version: 1, hostId: hostId as never, ranges: [], has, events, resume };
    const reply = answerSync(request, this.#distribution, this.#wire, this.#position, replyBytes);
    policy.applySync(JSON.parse(JSON.stringify(reply)) as SyncReply);
    return reply.more || policy.isIncomplete;
  }
}

const freshly = (cell: Cell): AgentPolicy => {
  const policy = new AgentPolicy();
  cell.sync(policy, 'host-1');
  return policy;
};

describe('an agent’s policy', () => {
  it('is by deltas, some of them lost, repeated or late, what a fresh sync brings', () => {
    const fates = fc.array(fc.constantFrom('deliver', 'deliver', 'deliver', 'lose', 'repeat'), {
      minLength: 100,
      maxLength: 100,
    });
    fc.assert(
      fc.property(commands, fates, (wishes, fate) => {
        const cell = new Cell();
        const policy = freshly(cell);
        const kernel = new FakeDataplane();
        kernel.commit(difference(undefined, policy.ruleset));
        policy.takeTransaction();
        let n = 0;
        for (const wish of wishes) {
          for (const { delta, concerned } of cell.execute(commandFrom(wish))) {
            if (!concerned.has('host-1')) continue;
            const now = fate[n++ % fate.length];
            if (now === 'lose') continue;
            const fits = Array.from({ length: now === 'repeat' ? 2 : 1 }, () => policy.apply(delta));
            if (fits.includes('gap') || policy.isIncomplete) cell.sync(policy, 'host-1');
            expect(policy.isIncomplete).toBe(false);
            expect(kernel.commit(policy.takeTransaction())).toEqual({ committed: true });
          }
        }
        cell.sync(policy, 'host-1');
        kernel.commit(policy.takeTransaction());
        expect(difference(kernel.read(), freshly(cell).ruleset)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('is right when its chains come in pages, and change and lose changes between them', () => {
    const fates = fc.array(fc.constantFrom('page', 'page', 'deliver', 'lose'), {
      minLength: 100,
      maxLength: 100,
    });
    fc.assert(
      fc.property(
        comings,
        comings,
        fates,
        fc.integer({ min: 1, max: 400 }),
        (before, after, fate, replyBytes) => {
          const cell = new Cell(28); // so small that addresses come back
          for (const n of [0, 1]) cell.execute(commandFrom({ type: 'CreateGroup', n }));
          cell.execute(commandFrom({ type: 'AuthorizeRules', g: 0, peer: 1 }));
          const policy = new AgentPolicy();
          const kernel = new FakeDataplane();
          kernel.commit(difference(undefined, policy.ruleset));
          const sync = (): boolean => {
            const isMore = cell.syncOnce(policy, 'host-1', replyBytes);
            expect(kernel.commit(policy.takeTransaction())).toEqual({ committed: true });
            return isMore;
          };
          for (const wish of before) cell.execute(commandFrom(wish));
          for (const [n, wish] of after.entries()) {
            for (const { delta, concerned } of cell.execute(commandFrom(wish)))
              if (concerned.has('host-1') && fate[n] !== 'lose') policy.apply(delta);
            if (fate[n] === 'page') sync();
          }
          while (sync());
          expect(policy.isPaging).toBe(false);
          expect(difference(kernel.read(), freshly(cell).ruleset)).toEqual([]);
          expect(policy.positions).toEqual(freshly(cell).positions);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is right when the log was restored from a backup and went on otherwise', () => {
    fc.assert(
      fc.property(commands, commands, fc.boolean(), (wishes, others, isTold) => {
        const [before, after] = [new Cell(24, 'a'), new Cell(24, 'b')];
        for (const wish of wishes) before.execute(commandFrom(wish));
        const policy = freshly(before);
        // Deltas that follow on positions of the log that is gone must not be taken for what comes next.
        for (const wish of others)
          for (const { delta, concerned } of after.execute(commandFrom(wish)))
            if (isTold && concerned.has('host-1')) policy.apply(delta);
        after.sync(policy, 'host-1');
        const kernel = new FakeDataplane();
        kernel.commit(difference(undefined, policy.ruleset));
        expect(difference(kernel.read(), freshly(after).ruleset)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('is the same after it was kept on disk', () => {
    fc.assert(
      fc.property(commands, (wishes) => {
        const cell = new Cell();
        for (const wish of wishes) cell.execute(commandFrom(wish));
        const policy = freshly(cell);
        const again = new AgentPolicy();
        again.applySync(JSON.parse(JSON.stringify(policy.snapshot())) as SyncReply);
        expect(again.ruleset).toEqual(policy.ruleset);
        expect(again.positions).toEqual(policy.positions);
      }),
      { numRuns: 50 },
    );
  });

  it('confirms nothing while the members that a new rule needs are missing', () => {
    const cell = new Cell();
    for (const n of [0, 1]) cell.execute(commandFrom({ type: 'CreateGroup', n }));
    cell.execute(commandFrom({ type: 'LaunchInstances', n: 2, g: 0 }));
    cell.execute(commandFrom({ type: 'LaunchInstances', n: 3, g: 1 }));
    const policy = freshly(cell);
    policy.takeConfirmations();
    const [broadcast] = cell.execute(commandFrom({ type: 'AuthorizeRules', g: 0, peer: 1 }));
    if (!broadcast) throw new Error('nothing was broadcast');
    expect(policy.apply(broadcast.delta)).toBe('next');
    expect(policy.isIncomplete).toBe(true);
    expect(policy.takeConfirmations()).toEqual([]);
    cell.sync(policy, 'host-1');
    const position = broadcast.delta.position;
    expect(policy.takeConfirmations()).toContainEqual(expect.objectContaining({ chain: 'rules', position }));
    expect(compile({ instances: new Map(), rules: new Map(), members: new Map() })).not.toEqual(
      policy.ruleset,
    );
  });
});
