import { spawnSync } from 'node:child_process';
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteEventStore } from './sqlite-event-store.js';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'rampart-sqlite-'));

describe('the sqlite store', () => {
  it('is there again after it was closed', async () => {
    const file = join(await folder(), 'log.db');
    {
      await using store = await openSqliteEventStore(file);
      await store.append(0, ['a']);
    }
    await using again = await openSqliteEventStore(file);
    expect(await again.append(1, ['b'])).toEqual({ appended: true, end: 2 });
  });

  it('is made once, however many open it for the first time at once', async () => {
    for (let round = 0; round < 5; round++) {
      const file = join(await folder(), 'log.db');
      const stores = await Promise.all(Array.from({ length: 4 }, () => openSqliteEventStore(file)));
      const outcomes = await Promise.all(stores.map((store) => store.append(0, ['a'])));
      expect(outcomes.filter(({ appended }) => appended)).toHaveLength(1);
      await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
    }
  });

  it('lets only its owner read the file', async () => {
    const file = join(await folder(), 'log.db');
    await using _store = await openSqliteEventStore(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('names the file when it can not be opened', async () => {
    await expect(openSqliteEventStore('/nowhere/log.db')).rejects.toThrow('/nowhere/log.db');
  });

  it('refuses a file that is no database, and one that is another program’s', async () => {
    const text = join(await folder(), 'log.db');
    await writeFile(text, 'this is not a database, however long one looks at it. '.repeat(100));
    await expect(openSqliteEventStore(text)).rejects.toThrow('not a database');
    const foreign = join(await folder(), 'log.db');
    const database = new DatabaseSync(foreign);
    database.exec('CREATE TABLE recipes (name TEXT)');
    database.close();
    await expect(openSqliteEventStore(foreign)).rejects.toThrow('not a log of Rampart');
  });

  it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
    'loses nothing and invents nothing when the disk is full, and goes on when there is room again',
    async () => {
      const mount = await folder();
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'none', mount]).status).toBe(0);
      try {
        await using store = await openSqliteEventStore(join(mount, 'log.db'));
        const acknowledged: string[] = [];
        const record = (index: number): string => `${index} ${'x'.repeat(20_000)}`;
        const fill = async (): Promise<void> => {
          for (let index = 0; index < 100; index++) {
            const outcome = await store.append(acknowledged.length, [record(index)]);
            expect(outcome).toEqual({ appended: true, end: acknowledged.length + 1 });
            acknowledged.push(record(index));
          }
        };
        await expect(fill()).rejects.toThrow('full');
        const kept: string[] = [];
        for await (const page of store.read(0)) kept.push(...page.map(({ text }) => text));
        expect(kept).toEqual(acknowledged);
        expect(spawnSync('mount', ['-o', 'remount,size=20m', mount]).status).toBe(0);
        expect(await store.append(acknowledged.length, ['more'])).toMatchObject({ appended: true });
      } finally {
        spawnSync('umount', ['-l', mount]);
      }
    },
  );
});
