import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqliteEventStore } from '#libs/event-store';
import { FakeDataplane } from '#libs/nftables';
import { reportSubject } from '#libs/protocol';
import { LogUnavailableError } from '../../apps/control-plane/src/log/log-unavailable-error.js';
import { EnforcedPolicy } from '../../apps/host-agent/src/enforcement/enforced-policy.js';
import { StateFile } from '../../apps/host-agent/src/state/state-file.js';
import { authorize, Cell, createGroup, fromAnywhere, launch, revoke } from '../support/cell.js';
import { recompute } from '../support/oracle.js';
import { noKernel } from '../lab/support/namespace.js';

const range = ['10.0.1.0/24'];

/** A disk of so many KiB; only root may make one. */
class SmallDisk implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'rampart-small-'));
  readonly #filler = join(this.path, 'filler');

  constructor(kilobytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'rampart-small', this.path]);
  }

  /** Leaves no room at all. */
  fill(): void {
    try {
      writeFileSync(this.#filler, Buffer.alloc(4 * 1024 * 1024));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  empty(): void {
    rmSync(this.#filler);
  }

  [Symbol.dispose](): void {
    execFileSync('umount', [this.path]);
    rmSync(this.path, { recursive: true });
  }
}

describe.skipIf(noKernel)('an agent whose disk is full', () => {
  it('enforces all the same, and writes the whole state when there is room again', async () => {
    using disk = new SmallDisk(32);
    await using cell = await Cell.open();
    const file = join(disk.path, 'state.json');
    const dataplane = new FakeDataplane();
    const agent = await cell.startHost('host-1', range, dataplane, file);
    await cell.enforce(createGroup('web'));
    await cell.enforce(launch('web', 'host-1'));
    disk.fill();
    // More than what is left of the last page.
    for (let port = 1; port <= 40; port++) await cell.enforce(authorize('web', port, fromAnywhere));
    await cell.enforce(revoke('web', 1, fromAnywhere));
    disk.empty();
    await agent.sync();
    const restored = new FakeDataplane();
    EnforcedPolicy.restore(restored, new StateFile(file), () => undefined);
    expect(restored.ruleset).toEqual(dataplane.ruleset);
  });
});

describe.skipIf(noKernel)('a control plane whose disk is full', () => {
  it('refuses what it can’t write, keeps what it acknowledged, and goes on when there is room again', async () => {
    using disk = new SmallDisk(1024);
    const file = join(disk.path, 'log.db');
    const store = await openSqliteEventStore(file);
    const names = Array.from({ length: 400 }, (_, n) => `group ${n}`);
    const acknowledged: string[] = [];
    const create = async (cell: Cell, name: string): Promise<void> => {
      await cell.execute(createGroup(name));
      acknowledged.push(name);
    };
    {
      await using cell = await Cell.open(store);
      await create(cell, 'before');
      disk.fill();
      const refusals: unknown[] = [];
      for (const name of names) await create(cell, name).catch((error: unknown) => refusals.push(error));
      expect(refusals.length).toBeGreaterThan(0);
      for (const refusal of refusals) expect(refusal).toBeInstanceOf(LogUnavailableError);
      disk.empty();
      await create(cell, 'after');
    }
    await store[Symbol.asyncDispose]();
    await using again = await openSqliteEventStore(file);
    const { state } = await recompute(again);
    const kept = [...state.groups.values()].map(({ name }) => name).filter((name) => name !== 'default');
    expect(kept).toEqual(acknowledged);
  });
});

describe('a host that reports nonsense', () => {
  it.each(['nonsense', 'null'])('does no harm to the others: %s', async (text) => {
    await using cell = await Cell.open();
    await cell.startHost('host-1', range, new FakeDataplane());
    await cell.enforce(createGroup('web'));
    const connection = await cell.nats.connect();
    connection.publish(reportSubject('host-2' as never), text);
    await connection.flush();
    await connection.close();
    await cell.enforce(launch('web', 'host-1'));
    expect(cell.receipts.stateOf('host-1' as never).state).toBe('enforced');
  });

  it('confirms nothing for another host', async () => {
    await using cell = await Cell.open();
    await cell.startHost('host-1', range, new FakeDataplane());
    await expect.poll(() => cell.receipts.stateOf('host-1' as never).lastReportAt).toBeDefined();
    const before = cell.receipts.stateOf('host-1' as never);
    const connection = await cell.nats.connect();
    const report = { version: 1, hostId: 'host-1', enforced: [], refused: [], microseconds: 1 };
    connection.publish(reportSubject('host-2' as never), JSON.stringify(report));
    await connection.flush();
    await connection.close();
    await expect.poll(() => cell.receipts.stateOf('host-2' as never).lastReportAt).toBeDefined();
    expect(cell.receipts.stateOf('host-1' as never)).toEqual(before);
  });
});
