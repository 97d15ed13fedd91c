import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Delta, SyncReply } from '#libs/protocol';
import { StateFile, type StateEntry } from './state-file.js';

const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'rampart-state-')), 'state');
const change = (position: number): StateEntry => ({
  delta: { type: 'host', position, previous: position - 1 } as Delta,
});
const stateOf = (position: number, size: number): SyncReply =>
  ({
    version: 1,
    position,
    more: false,
    host: { position, instances: 'x'.repeat(size) },
  }) as unknown as SyncReply;

describe('the state file', () => {
  it('gives back what was written, also to one that opens it again', () => {
    const path = newFile();
    const file = new StateFile(path);
    for (const position of [1, 2, 3]) file.append([change(position)]);
    expect(new StateFile(path).read()).toEqual([1, 2, 3].map(change));
  });

  it.each([
    ['a line cut short', '{"delta":{"type":"ho'],
    ['zeros from a power cut', '\0\0\0\0'],
    ['a line without its end', JSON.stringify(change(2))],
  ])('keeps what is appended after %s', (_what, damage) => {
    const path = newFile();
    new StateFile(path).append([change(1)]);
    appendFileSync(path, damage);
    const file = new StateFile(path);
    expect(file.read()).toEqual([change(1)]);
    file.append([change(2), change(3)]);
    expect(new StateFile(path).read()).toEqual([1, 2, 3].map(change));
  });

  it.each([
    ['a digit changed', (text: string) => text.replace('"position":2', '"position":7')],
    ['a power cut left zeros', (text: string) => `${text}\0\0\0\0\n\0\0`],
  ])('gives back nothing once %s, and begins anew', (_what, damage) => {
    const path = newFile();
    new StateFile(path).append([1, 2, 3].map(change));
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const file = new StateFile(path);
    expect(file.read()).toEqual([]);
    file.append([change(4)]);
    expect(new StateFile(path).read()).toEqual([change(4)]);
  });

  it.each([1000, 2_000_000])(
    'stays within a few times the state of %i bytes, and writes that rarely',
    (size) => {
      const path = newFile();
      const file = new StateFile(path);
      let rewrites = 0;
      let written = 0;
      for (let position = 1; written < 8_000_000; position++) {
        file.append(Array.from({ length: 1000 }, () => change(position)));
        written += 1000 * (JSON.stringify(change(position)).length + 1);
        file.compact(() => {
          rewrites++;
          return stateOf(position, size);
        });
      }
      expect(rewrites).toBeGreaterThan(2);
      expect(rewrites * size).toBeLessThan(2 * written);
      expect(statSync(path).size).toBeLessThan(2 * size + 600_000);
      expect(new StateFile(path).read()[0]).toHaveProperty('sync');
    },
  );
});
