import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openSqliteEventStore } from '#libs/event-store';
import { decodeRecordedEvent, findBrokenLink } from '#libs/protocol';

const ROUNDS = 6;

/** Kills the process once it has acknowledged that many commands; yields `[number, position]` of each it did. */
async function storm(
  file: string,
  round: number,
  killAfter: number,
): Promise<readonly (readonly [number, number])[]> {
  const child = spawn(process.execPath, ['test/faults/support/command-storm.mjs', file, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: (readonly [number, number])[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [n, position] = line.split(' ').map(Number);
    // The last line may be cut off by the kill; whole ones have both numbers.
    if (n !== undefined && position) acknowledged.push([n, position]);
    if (acknowledged.length === killAfter) child.kill('SIGKILL');
  }
  return acknowledged;
}

it('keeps every acknowledged command exactly once, in order, whenever it is killed', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'rampart-kill-')), 'log.db');
  const acknowledged = new Map<number, number>();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [n, position] of await storm(file, round, 1000 * round + 37 * round))
      acknowledged.set(n, position);
  }
  expect(acknowledged.size).toBeGreaterThan(15_000);

  await using store = await openSqliteEventStore(file);
  const texts: string[] = [];
  for await (const page of store.read(0)) texts.push(...page.map(({ text }) => text));
  expect(findBrokenLink(texts)).toBeUndefined();
  const created = new Map<string, number>();
  for (const { event, position } of texts.map(decodeRecordedEvent)) {
    if (event.type !== 'GroupCreated') continue;
    expect(created.has(event.name)).toBe(false);
    created.set(event.name, position);
  }
  // An answer names its commit's last event: the group, then its two rules.
  for (const [n, position] of acknowledged) expect(created.get(`group ${n}`)).toBe(position - 2);
});
