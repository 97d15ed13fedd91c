import { describe, expect, it } from 'vitest';
import type { GroupId, HostId } from '#libs/domain';
import type { Broadcast } from '#libs/projections';
import type { Confirmation } from '#libs/protocol';
import { ReceiptBoard } from './receipt-board.js';

const [one, other] = ['host-1', 'host-2'] as HostId[];
const web = 'sg-00000001' as GroupId;

const rulesOfWeb = (position: number, concerned: readonly (HostId | undefined)[]): Broadcast =>
  ({ delta: { kind: 'rules', groupId: web, position }, concerned }) as unknown as Broadcast;
const placedOn = (position: number, hostId = one): Broadcast =>
  ({ delta: { kind: 'host', hostId, position }, concerned: [hostId] }) as unknown as Broadcast;
const rulesAt = (position: number): Confirmation => ({ chain: 'rules', id: web, position });

describe('the receipt board', () => {
  it('counts a host once it has confirmed every chain of the change that it follows', async () => {
    const board = new ReceiptBoard();
    board.open(5, [rulesOfWeb(4, [one, other]), placedOn(5)], 0);
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(4)] }, 1);
    board.confirm({ hostId: other as HostId, enforced: [rulesAt(4)] }, 2);
    expect(await board.wait(5, 0)).toMatchObject({ concerned: 2, enforced: 1, waitingFor: [one] });
    board.confirm({ hostId: one as HostId, enforced: [{ chain: 'host', position: 5 }] }, 3);
    expect(await board.wait(5, 0)).toMatchObject({ enforced: 2, milliseconds: 3, waitingFor: [] });
  });

  it('takes a confirmation for all changes of the chain before it, and for none after', async () => {
    const board = new ReceiptBoard();
    for (const position of [1, 2, 3]) board.open(position, [rulesOfWeb(position, [one])], 0);
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(2)] }, 1);
    const enforced = await Promise.all([1, 2, 3].map(async (at) => (await board.wait(at, 0)).enforced));
    expect(enforced).toEqual([1, 1, 0]);
    expect(board.stateOf(one as HostId).state).toBe('lagging');
    board.confirm({ hostId: one as HostId, enforced: [rulesAt(3)] }, 2);
    expect(board.stateOf(one as HostId).state).toBe('enforced');
  });

  it('waits for no host any more because of a change that it has forgotten', async () => {
    const board = new ReceiptBoard();
    board.open(1, [rulesOfWeb(1, [one])], 0);
    board.confirm({ hostId: one as HostId, enforced: [] }, 0);
    expect(board.stateOf(one as HostId).state).toBe('lagging');
    for (let position = 2; position <= 10_001; position++) board.open(position, [], 0);
    expect(board.stateOf(one as HostId).state).toBe('enforced');
    expect(await board.wait(1, 0)).toMatchObject({ concerned: 0 });
  });
});
