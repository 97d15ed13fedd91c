import { describe, expect, it } from 'vitest';
import type { GroupId, HostId } from '#libs/domain';
import type { Broadcast } from '#libs/projections';
import type { Confirmation } from '#libs/protocol';
import type { Change } from './receipt.js';
import { ReceiptBoard } from './receipt-board.js';

const [one, other] = ['host-1', 'host-2'] as HostId[];
const web = 'sg-00000001' as GroupId;

const rulesOfWeb = (position: number, concerned: readonly (HostId | undefined)[]): Broadcast =>
  ({
    delta: { kind: 'rules', groupId: web, position },
    concerned: new Set(concerned),
  }) as unknown as Broadcast;
const placedOn = (position: number, hostId = one): Broadcast =>
  ({ delta: { kind: 'host', hostId, position }, concerned: new Set([hostId]) }) as unknown as Broadcast;
const rulesAt = (position: number): Confirmation => ({ chain: 'rules', id: web, position });

const changeAt = (position: number): Change => ({
  first: position,
  position,
  time: '2026-01-01T00:00:00.000Z',
  requestId: 'r',
});

describe('the receipt board', () => {
  it('counts a host once it has confirmed every chain of the change that it follows', async () => {
    const board = new ReceiptBoard();
    board.open(changeAt(5), [rulesOfWeb(4, [one, other]), placedOn(5)], 0);
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(4)] }, 1);
    board.confirm({ hostId: other as HostId, enforced: [rulesAt(4)] }, 2);
    expect(await board.wait(5, 0)).toMatchObject({ concerned: 2, enforced: 1, waitingFor: [one] });
    board.confirm({ hostId: one as HostId, enforced: [{ chain: 'host', position: 5 }] }, 3);
    expect(await board.wait(5, 0)).toMatchObject({ enforced: 2, milliseconds: 3, waitingFor: [] });
  });

  it('takes a confirmation for all changes of the chain before it, and for none after', async () => {
    const board = new ReceiptBoard();
    for (const position of [1, 2, 3]) board.open(changeAt(position), [rulesOfWeb(position, [one])], 0);
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(2)] }, 1);
    const enforced = await Promise.all([1, 2, 3].map(async (at) => (await board.wait(at, 0)).enforced));
    expect(enforced).toEqual([1, 1, 0]);
    expect(board.stateOf(one as HostId, 500).state).toBe('pending');
    expect(board.stateOf(one as HostId, 1500).state).toBe('lagging');
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(3)] }, 2);
    expect(board.stateOf(one as HostId).state).toBe('enforced');
  });

  it('waits for no host any more because of a change that it has forgotten', async () => {
    const board = new ReceiptBoard();
    board.open(changeAt(1), [rulesOfWeb(1, [one])], 0);
    board.confirm({ hostId: one as HostId, enforced: [] }, 0);
    expect(board.stateOf(one as HostId, 500).state).toBe('pending');
    expect(board.stateOf(one as HostId, 1500).state).toBe('lagging');
    for (let position = 2; position <= 10_001; position++) board.open(changeAt(position), [], 0);
    expect(board.stateOf(one as HostId).state).toBe('enforced');
    expect(await board.wait(1, 0)).toMatchObject({ concerned: 0 });
  });

  it('tells what each host has said, in numbers and by name', () => {
    const board = new ReceiptBoard();
    const hosts = Array.from({ length: 100 }, (_, n) => `host-${n + 1}` as HostId);
    board.open({ ...changeAt(7), first: 5 }, [rulesOfWeb(7, [...hosts, other, one])], 0);
    for (const [n, hostId] of hosts.entries())
      if (hostId !== one && hostId !== other) board.confirm({ hostId, enforced: [rulesAt(7)] }, n + 1);
    expect(board.find(4)).toBeUndefined();
    expect(board.find(6)).toMatchObject({ concerned: 100, enforced: 98, p50: 51, p99: 100, last: 100 });
    expect(board.find(6)?.hosts).toContainEqual({ hostId: 'host-50', state: 'enforced', milliseconds: 50 });
    expect(board.recent(1)).toMatchObject([{ position: 7, enforced: 98 }]);
  });

  it('says why a host refuses a change, until it takes it after all', async () => {
    const board = new ReceiptBoard();
    const told: boolean[] = [];
    board.follow((_receipt, isSettled) => told.push(isSettled));
    board.open(changeAt(3), [rulesOfWeb(3, [one])], 0);
    const refused = [{ ...rulesAt(3), reason: 'ENOMEM' }];
    board.confirm({ hostId: one as HostId, enforced: [], refused }, 1);
    // Nothing is left to wait for.
    expect(await board.wait(3, 60_000)).toMatchObject({
      enforced: 0,
      waitingFor: [one],
      laggards: [{ hostId: one, state: 'refused', reason: 'ENOMEM' }],
    });
    expect(board.stateOf(one as HostId)).toMatchObject({ state: 'degraded', reason: 'ENOMEM' });
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(3)] }, 9);
    expect(board.find(3)).toMatchObject({ enforced: 1, refused: 0 });
    expect(board.stateOf(one as HostId).state).toBe('enforced');
    expect(told).toEqual([false, true]);
  });

  it('waits for no host that was retired', async () => {
    const board = new ReceiptBoard();
    board.open(changeAt(3), [rulesOfWeb(3, [one, other])], 0);
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(3)] }, 1);
    const waited = board.wait(3, 60_000);
    board.retire(other as HostId);
    expect(await waited).toMatchObject({ concerned: 2, enforced: 1, retired: 1, waitingFor: [] });
  });

  it('takes a complete sync for everything before it that concerns the host', () => {
    const board = new ReceiptBoard();
    board.open(changeAt(3), [rulesOfWeb(2, [one, other]), placedOn(3)], 0);
    board.open(changeAt(4), [rulesOfWeb(4, [one])], 0);
    board.confirm({ hostId: one as HostId, enforced: [], upTo: 3 }, 1);
    expect([3, 4].map((at) => board.find(at)?.enforced)).toEqual([1, 0]);
    expect([...board.laggards(5000)]).toEqual([
      [other, `rules ${web}`],
      [one, `rules ${web}`],
    ]);
  });

  it('tells what is known rather than have ever more wait', async () => {
    const board = new ReceiptBoard();
    board.open(changeAt(3), [rulesOfWeb(3, [one])], 0);
    const waiting = Array.from({ length: 20_000 }, () => board.wait(3, 60_000));
    expect(await board.wait(3, 60_000)).toMatchObject({ enforced: 0, waitingFor: [one] });
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(3)] }, 1);
    expect((await Promise.all(waiting)).every(({ enforced }) => enforced === 1)).toBe(true);
  });

  it('finds who is late for newer changes beside one that is late for all', () => {
    const board = new ReceiptBoard();
    const others = Array.from({ length: 198 }, (_, n) => `host-${n + 3}` as HostId);
    for (let position = 1; position <= 300; position++) {
      board.open(changeAt(position), [rulesOfWeb(position, [one, other, ...others])], 0);
      for (const hostId of others) board.confirm({ hostId, enforced: [rulesAt(position)] }, 1);
      if (position < 300) board.confirm({ hostId: other as HostId, enforced: [rulesAt(position)] }, 1);
    }
    expect([...board.laggards(5000).keys()]).toEqual([one, other]);
  });

  it('keeps numbers of what it no longer knows in full', () => {
    const horizon = { receipts: 2, outcomes: 1000, summaries: 1, laggingAfter: 1000 };
    const board = new ReceiptBoard(horizon);
    for (const position of [1, 2, 3, 4]) board.open(changeAt(position), [rulesOfWeb(position, [one])], 0);
    expect(board.find(1)).toBeUndefined();
    expect(board.find(2)).toMatchObject({ concerned: 1 });
    expect(board.find(2)?.hosts).toBeUndefined();
    expect(board.find(3)?.hosts).toHaveLength(1);
  });
});
