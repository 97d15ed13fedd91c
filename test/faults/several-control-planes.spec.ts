import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Command, RecordedEvent } from '#libs/domain';
import { openEventStore } from '#libs/event-store';
import { decodeRecordedEvent, findBrokenLink } from '#libs/protocol';
import { CommandLog } from '../../apps/control-plane/src/log/command-log.js';
import { authorize, fromAnywhere } from '../support/cell.js';
import { JetStreamCluster } from './support/jetstream-cluster.js';
import { Rivals, type Answered } from './support/rivals.js';
import { Trio } from './support/trio.js';

const SETTLING = { timeout: 15_000, interval: 100 };
const KILLS = 4;
/** What always changes something when it is not refused. */
const CHANGING = [
  'CreateSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  'DeleteSecurityGroup',
  'RunInstances',
];

/** A place that all three reach, and what may befall it while they are at work. */
interface Place extends AsyncDisposable {
  readonly address: string;
  readonly suffer: () => Promise<void>;
}

async function inSqlite(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'rampart-shared-'));
  return {
    address: `sqlite:${join(folder, 'log.db')}`,
    suffer: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function inJetStream(): Promise<Place> {
  const cluster = await JetStreamCluster.start();
  return {
    address: cluster.addressOf('LOG'),
    suffer: async () => {
      const leader = await cluster.leaderOf('LOG');
      await leader.kill();
      await sleep(500);
      leader.start();
      await cluster.whole('LOG');
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

describe.each([
  ['a file of SQLite', inSqlite],
  ['a cluster of JetStream', inJetStream],
])('three control planes on one log in %s', (_name, laid) => {
  let place: Place;
  let trio: Trio;
  let log: string;
  beforeAll(async () => {
    place = await laid();
    log = place.address;
    trio = await Trio.start(log);
  });
  afterAll(async () => {
    await trio[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  async function texts(): Promise<readonly string[]> {
    await using store = await openEventStore(log);
    const found: string[] = [];
    for await (const page of store.read(0)) found.push(...page.map(({ text }) => text));
    return found;
  }

  const describeAll = async (index: number): Promise<readonly string[]> => {
    const { ec2 } = trio.seat(index);
    const actions = ['DescribeSecurityGroups', 'DescribeSecurityGroupRules', 'DescribeInstances'];
    const answers = await Promise.all(actions.map((action) => ec2.ask(action)));
    return answers.map(({ status, text }) => {
      expect(status).toBe(200);
      return text.replace(/<requestId>.*?<\/requestId>/, '');
    });
  };

  /** All three show the same, and every host holds what the log, replayed by itself, says. */
  async function expectAgreement(): Promise<void> {
    const { length } = await texts();
    const healths = () => Promise.all(trio.seats.map(({ get }) => get('/v1/health')));
    await vi.waitFor(
      async () => expect(await healths()).toEqual(trio.seats.map(() => ({ status: 'ok', position: length }))),
      SETTLING,
    );
    const [one, ...others] = await Promise.all(trio.seats.map((_, index) => describeAll(index)));
    for (const other of others) expect(other).toEqual(one);
    for (const [index, hostId] of trio.hostIds.entries())
      await vi.waitFor(async () => {
        const verification = await trio.seat(index).get(`/v1/hosts/${hostId}/verification`);
        expect(verification).toMatchObject({ outcome: 'same', differences: [] });
      }, SETTLING);
  }

  /** Whichever is asked, it knows the change, and that the host enforces it. */
  async function expectEnforced(position: number | undefined, hostId: string): Promise<void> {
    const hosts = expect.arrayContaining([
      { hostId, state: 'enforced', milliseconds: expect.any(Number) as number },
    ]) as unknown;
    for (const { get } of trio.seats)
      await vi.waitFor(
        async () => expect(await get(`/v1/changes/${position}`)).toMatchObject({ position, hosts }),
        SETTLING,
      );
  }

  it('open an account once, though all three find it missing', async () => {
    const events = (await texts()).map((text) => decodeRecordedEvent(text).event);
    expect(events.filter(({ type }) => type === 'AccountOpened')).toHaveLength(1);
  });

  it('show at once, and build on, what was changed through another', async () => {
    for (let n = 0; n < 20; n++) {
      const [one, other, third] = [n, n + 1, n + 2].map((index) => trio.seat(index).ec2);
      const name = { GroupName: `seen ${n}` };
      const created = await one?.ask('CreateSecurityGroup', { ...name, GroupDescription: 'x' });
      expect(created?.code).toBeUndefined();
      const found = await other?.ask('DescribeSecurityGroups', { 'GroupName.1': name.GroupName });
      expect(found?.text).toContain(name.GroupName);
      expect((await third?.ask('DeleteSecurityGroup', name))?.code).toBeUndefined();
      expect((await one?.ask('DeleteSecurityGroup', name))?.code).toBe('InvalidGroup.NotFound');
    }
  });

  it('tell of any change, and how far it is, whoever made it', async () => {
    const launch = { ImageId: 'ami-12345678', MinCount: '1', MaxCount: '1', 'Placement.HostId': 'host-2' };
    const { position } = await trio.seat(0).ec2.ask('RunInstances', launch);
    await expectEnforced(position, 'host-2');
  });

  it('keep one history while they contend and are killed', async () => {
    const rivals = new Rivals(trio, 3);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(300 + Math.random() * 700);
      const { program } = trio.seat(Math.floor(Math.random() * 3));
      await program.end();
      await sleep(Math.random() * 300);
      await program.start();
      if (kill === 1) await place.suffer();
    }
    await rivals.end();
    const stored = await texts();
    expect(findBrokenLink(stored)).toBeUndefined();
    const events = stored.map((text) => decodeRecordedEvent(text));
    expectOnce(rivals.answers, events);
    expectNoConflict(events);
    await expectAgreement();
  });

  it('bring to the hosts what one had appended and not told when it was killed', async () => {
    const launch = { ImageId: 'ami-12345678', MinCount: '1', MaxCount: '1', 'Placement.HostId': 'host-3' };
    await expectEnforced((await trio.seat(0).ec2.ask('RunInstances', launch)).position, 'host-3');
    await using store = await openEventStore(log);
    const commands = await CommandLog.open(store, []);
    const untold = authorize('default', 4711, fromAnywhere) as Command;
    const request = { actor: { kind: 'system' }, requestId: 'untold' } as const;
    const outcome = await commands.handle(untold, request);
    await expectEnforced(outcome.accepted ? outcome.position : undefined, 'host-3');
    await expectAgreement();
  });
});

/** What was acknowledged is there once, in one piece, where it was said to be; what was refused is not. */
function expectOnce(answers: readonly Answered[], events: readonly RecordedEvent[]): void {
  const byRequest = Map.groupBy(events, ({ requestId }) => requestId);
  const counts = { done: 0, refused: 0 };
  for (const { action, requestId, code, position } of answers) {
    const commit = byRequest.get(requestId) ?? [];
    if (code !== undefined) {
      counts.refused++;
      expect(commit, `${action} was refused: ${code}`).toEqual([]);
    } else if (CHANGING.includes(action)) {
      counts.done++;
      expect(commit.at(-1)?.position).toBe(position);
      expect(commit.map((one) => one.position - (commit[0]?.position ?? 0))).toEqual([...commit.keys()]);
      expect(commit.map(({ rest = 0 }) => rest)).toEqual(commit.map((_, index) => commit.length - 1 - index));
    }
  }
  expect(counts.done).toBeGreaterThan(50);
  expect(counts.refused).toBeGreaterThan(50);
}

/** No name, address or permission is given away twice. */
function expectNoConflict(events: readonly RecordedEvent[]): void {
  const taken = new Set<string>();
  const take = (what: string): void => {
    expect(taken, `${what} is taken`).not.toContain(what);
    taken.add(what);
  };
  const ruleText = ({ groupId, direction, traffic, peer }: Record<string, unknown>): string =>
    JSON.stringify([groupId, direction, traffic, peer]);
  for (const { event } of events) {
    if (event.type === 'GroupCreated') take(`name ${event.name}`);
    if (event.type === 'GroupDeleted') taken.delete(`name ${event.name}`);
    if (event.type === 'InstanceLaunched') event.instance.addresses.forEach((one) => take(one));
    if (event.type === 'InstanceTerminated') event.instance.addresses.forEach((one) => taken.delete(one));
    if (event.type === 'RuleAuthorized') take(ruleText({ ...event.rule }));
    if (event.type === 'RuleRevoked') taken.delete(ruleText({ ...event.rule }));
  }
}
