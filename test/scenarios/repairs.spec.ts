import { expect, it } from 'vitest';
import type { Event } from '#libs/domain';
import { FakeDataplane } from '#libs/nftables';
import { driftSubject } from '#libs/protocol';
import { accountId, Cell, createGroup, enrollHost, launch } from '../support/cell.js';

it('what a host has repaired is in the log before it is answered; what makes no sense is not', async () => {
  const events: Event[] = [];
  const onDurable = (commit: readonly { readonly event: Event }[]): void =>
    void events.push(...commit.map(({ event }) => event));
  await using cell = await Cell.open(undefined, { onDurable });
  await cell.execute(enrollHost('host-1', '10.0.1.0/24'));
  const connection = await cell.nats.connect();
  const [mine, strangers] = [driftSubject('host-1' as never), driftSubject('host-9' as never)];
  for (const text of ['{', '{}', '{"operations":"2","undone":[]}', '{"operations":2,"undone":[7]}'])
    connection.publish(mine, text);
  connection.publish(strangers, '{"hostId":"host-1","operations":1,"undone":[]}');
  const report = { hostId: 'host-2', operations: 3, undone: ['delete rule inet rampart forward'] };
  await connection.request(mine, JSON.stringify(report), { timeout: 5000 });
  expect(events.filter(({ type }) => type === 'HostTableRepaired')).toEqual([
    { type: 'HostTableRepaired', hostId: 'host-1', operations: 3, undone: report.undone },
  ]);
  await connection.close();
});

it('a receipt names the account, and counts from the arrival of the command', async () => {
  await using cell = await Cell.open();
  await cell.startHost('host-1', ['10.0.1.0/24'], new FakeDataplane());
  const actor = { kind: 'account', accountId } as const;
  const arrived = performance.now() - 60_000;
  await cell.execute(createGroup('web'));
  const { position } = await cell.execute(launch('web', 'host-1'), { actor, requestId: 'r', arrived });
  const receipt = await cell.receipts.wait(position, 10_000);
  expect(receipt).toMatchObject({ accountId, requestId: 'r', enforced: 1 });
  expect(receipt.milliseconds).toBeGreaterThan(60_000);
});
