import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '#libs/domain';
import { openSqliteEventStore } from '#libs/event-store';
import { EC2_LIMITS } from '#libs/domain';
import { CommandLog } from '../../apps/control-plane/src/log/command-log.js';
import { runLog } from '../../apps/cli/src/rampart/log/log.js';
import { UsageError } from '../../apps/cli/src/usage-error.js';
import { accountId, createGroup } from '../support/cell.js';
import { KurrentDbDouble } from '../support/kurrentdb/kurrentdb-double.js';
import { JetStreamServer } from '../support/jetstream.js';

const execute = promisify(execFile);
const GROUPS = 4000;
const folder = mkdtempSync(join(tmpdir(), 'rampart-cli-log-'));
const source = join(folder, 'log.db');

/** `rampart log …`, as it would be typed. */
async function log(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const terminal = {
    environment: {},
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    read: async () => '',
  };
  try {
    return { status: await runLog(args, terminal), out, err };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { status: 1, out, err: error.message };
  }
}

async function write(file: string, count: number, from = 0): Promise<void> {
  await using store = await openSqliteEventStore(file);
  const commands = await CommandLog.open(store, [], { limits: { ...EC2_LIMITS, groupsPerAccount: 1e9 } });
  const request = { actor: { kind: 'system' }, requestId: 'test' } as const;
  const ruleIds = ['sgr-fffffff1', 'sgr-fffffff2', 'sgr-fffffff3'];
  const ids = { vpcId: 'vpc-00000001', defaultGroupId: 'sg-ffffffff', ruleIds };
  await commands.handle({ type: 'OpenAccount', accountId, ...ids } as unknown as Command, request);
  const all = Array.from({ length: count }, (_, n) =>
    commands.handle(createGroup(`group ${from + n}`) as Command, request),
  );
  await Promise.all(all);
}

const copyOf = (name: string): string => {
  const file = join(folder, name);
  cpSync(source, file);
  return file;
};
const change = (file: string, sql: string): void => {
  using database = new DatabaseSync(file);
  database.exec(sql);
};

beforeAll(() => write(source, GROUPS));

describe('rampart log verify', () => {
  it('finds a log whole, and says how it ends', async () => {
    const { status, out } = await log('verify', '--log', `sqlite:${source}`);
    expect(out).toMatch(new RegExp(`^WHOLE\t${GROUPS * 3 + 5}\t[0-9a-f]{64}\n$`));
    expect(status).toBe(0);
  });

  it.each<[string, string, string]>([
    [
      'an edited event',
      `UPDATE events SET record = replace(record, 'group 7', 'group seven') WHERE position = 27`,
      'event 27: event 28 was written after another one',
    ],
    [
      'a removed event',
      'DELETE FROM events WHERE position = 100',
      'event 100: what stands there is event 101',
    ],
    [
      'two events swapped',
      'UPDATE events SET position = -1 WHERE position = 50; UPDATE events SET position = 50 WHERE position = 51; UPDATE events SET position = 51 WHERE position = -1',
      'event 50: what stands there is event 51',
    ],
    ['nonsense', `UPDATE events SET record = 'x' WHERE position = 9`, 'event 9: it is no stored event'],
  ])('names %s', async (_what, sql, complaint) => {
    const file = copyOf(`tampered ${_what}.db`);
    change(file, sql);
    const { status, out, err } = await log('verify', '--log', `sqlite:${file}`);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(complaint);
  });

  it('finds a log that was written anew, by a hash that was noted before', async () => {
    const hash = (await log('verify', '--log', `sqlite:${source}`)).out.trim().split('\t').at(-1) ?? '';
    const grown = copyOf('grown.db');
    await write(grown, 10, GROUPS);
    expect((await log('verify', '--head', hash, '--log', `sqlite:${grown}`)).status).toBe(0);
    const anew = join(folder, 'anew.db');
    await write(anew, 10);
    const { status, err } = await log('verify', '--head', hash, '--log', `sqlite:${anew}`);
    expect(status).toBe(1);
    expect(err).toContain('it was written anew');
  });

  it('finds a damaged file', async () => {
    const file = copyOf('damaged.db');
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 8 * 4096, 40 * 4096);
    writeFileSync(file, bytes);
    expect((await log('verify', '--log', `sqlite:${file}`)).status).toBe(1);
  });
});

describe('rampart log export and import', () => {
  it('move a log to another store as it is, and go on where they left off', async () => {
    const [lines, target] = [join(folder, 'events.jsonl'), join(folder, 'moved.db')];
    const moving = copyOf('moving.db');
    expect((await log('export', lines, '--log', `sqlite:${moving}`)).out).toMatch(/^EXPORTED\t1\t/);
    expect((await log('import', lines, '--log', `sqlite:${target}`)).out).toMatch(/^IMPORTED\t(\d+)\t\1\n/);
    await write(moving, 100, GROUPS);
    appendFileSync(lines, '{"position":'); // as if it had been killed
    expect((await log('export', lines, '--log', `sqlite:${moving}`)).status).toBe(0);
    expect((await log('import', lines, '--log', `sqlite:${target}`)).out).toMatch(/^IMPORTED\t300\t/);
    const verified = await Promise.all(
      [moving, target].map((file) => log('verify', '--log', `sqlite:${file}`)),
    );
    expect(verified[0]?.out).toBe(verified[1]?.out);
    expect(verified[0]?.status).toBe(0);
  });

  it('mix no two logs', async () => {
    const other = join(folder, 'other.db');
    await write(other, 5);
    const lines = join(folder, 'other.jsonl');
    await log('export', lines, '--log', `sqlite:${other}`);
    expect((await log('import', lines, '--log', `sqlite:${source}`)).err).toContain('it is another log');
    expect((await log('export', lines, '--log', `sqlite:${source}`)).err).toContain('does not have');
  });

  it('refuse what was edited on the way, and import nothing of it', async () => {
    const lines = join(folder, 'edited.jsonl');
    await log('export', lines, '--log', `sqlite:${source}`);
    writeFileSync(lines, readFileSync(lines, 'utf8').replace('group 3"', 'group x"'));
    const { status, err } = await log('import', lines, '--log', `sqlite:${join(folder, 'none.db')}`);
    expect(status).toBe(1);
    expect(err).toContain('was edited');
    expect(readdirSync(folder).filter((name) => name.startsWith('none.db'))).toEqual([]);
  });
});

describe('rampart log with a log in KurrentDB', () => {
  /** As a process, which must end by itself whatever the client has open. */
  const rampart = async (...args: readonly string[]): Promise<string> =>
    (await execute(process.execPath, ['dist/apps/cli/src/main.js', 'rampart', 'log', ...args])).stdout;

  it('moves it there and back, and finds it whole', async () => {
    await using double = await KurrentDbDouble.start();
    const there = ['--log', `esdb://admin:secret@${double.host}?tls=false&stream=moved`];
    const [lines, back] = [join(folder, 'to-kurrentdb.jsonl'), join(folder, 'from-kurrentdb.jsonl')];
    await rampart('export', lines, '--log', `sqlite:${source}`);
    expect(await rampart('import', lines, ...there)).toMatch(/^IMPORTED\t(\d+)\t\1\n/);
    expect(await rampart('verify', ...there)).toBe((await log('verify', '--log', `sqlite:${source}`)).out);
    await rampart('export', back, ...there);
    expect(readFileSync(back, 'utf8')).toBe(readFileSync(lines, 'utf8'));
  });

  it('never says its password', async () => {
    const address = 'kurrentdb://admin:secret@localhost:1?tls=maybe';
    const failure = await rampart('verify', '--log', address).catch(
      (error: { stderr: string }) => error.stderr,
    );
    expect(failure).toContain("'maybe' is no value for the option 'tls'");
    const backup = await log('backup', 'x', '--log', address);
    expect(backup.err).toContain('kurrentdb://admin:…@localhost:1');
    expect(failure + backup.err).not.toContain('secret');
  });
});

describe('a log in JetStream', () => {
  it('is verified, exported and imported, though it is larger than any message may be', async () => {
    await using server = await JetStreamServer.start('1MB');
    const there = server.addressOf('LOG');
    const [lines, back] = [join(folder, 'to-jetstream.jsonl'), join(folder, 'from-jetstream.jsonl')];
    await log('export', lines, '--log', `sqlite:${source}`);
    expect(statSync(lines).size).toBeGreaterThan(2 * 1024 * 1024);
    expect((await log('import', lines, '--log', there)).out).toMatch(/^IMPORTED\t(\d+)\t\1\n/);
    expect((await log('export', back, '--log', there)).out).toMatch(/^EXPORTED\t1\t/);
    expect(readFileSync(back)).toEqual(readFileSync(lines));
    expect((await log('verify', '--log', there)).out).toEqual(
      (await log('verify', '--log', `sqlite:${source}`)).out,
    );
  });
});

describe('rampart log backup', () => {
  it('copies a log while it is written to', async () => {
    const [busy, target] = [copyOf('busy.db'), join(folder, 'backup.db')];
    const [, { status }] = await Promise.all([
      write(busy, 2000, GROUPS),
      log('backup', target, '--log', `sqlite:${busy}`),
    ]);
    expect(status).toBe(0);
    expect((await log('verify', '--log', `sqlite:${target}`)).status).toBe(0);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect((await log('backup', target, '--log', `sqlite:${busy}`)).err).toContain('is there already');
  });
});

describe('rampart log with a file that will not do', () => {
  const there = ['--log', `sqlite:${source}`];
  const at = (name: string): string => join(folder, 'files', name);
  beforeAll(() => {
    mkdirSync(join(folder, 'files'));
    for (const [name, text] of [
      ['a', 'hello\n'],
      ['json', '{"a":1}\n'],
      ['cut', 'hello'],
      ['key', 'x'],
      ['other.pub', 'x'],
    ] as const)
      writeFileSync(at(name), text);
    mkdirSync(at('folder'));
  });

  const none = ['--log', `sqlite:${at('none.db')}`];
  it.each<[readonly string[], string]>([
    [['import', at('missing'), ...none], "missing can't be read: it, or the folder that it would be in, is"],
    [['import', at('folder'), ...none], "folder can't be read: it is a folder: name a file"],
    [
      ['import', at('a'), ...none],
      'a, event 1: it is no stored event: it was edited; nothing after 0 is imported: export',
    ],
    [['import', at('a'), '--log', `sqlite:${at('no/none.db')}`], "see that the file's folder exists"],
    [['export', at('no/e.jsonl'), ...there], "e.jsonl can't be written: it, or the folder that"],
    [['export', at('folder'), ...there], "folder can't be read: it is a folder"],
    [['export', at('a'), ...there], 'a is there already and is no export of a log: export to another file'],
    [['export', at('json'), ...there], 'json is there already and is no export of a log'],
    [['export', at('cut'), ...there], 'cut is there already and is no export of a log'],
    [['export', at('new'), ...none], 'there is no log at'],
    [['backup', at('no/b.db'), ...there], "b.db can't be written: it, or the folder that"],
    [['backup', at('b.db'), '--log', `sqlite:${at('a')}`], 'see that the one is a log'],
    [['key', at('key')], "key can't be written: it is there already: name a new file"],
    [['key', at('other')], "other.pub can't be written: it is there already"],
    [
      ['verify', '--heads', at('a'), '--key', at('key'), ...there],
      "key' is no key in PEM: give what 'rampart",
    ],
    [['verify', '--heads', at('a'), '--key', at('no'), ...there], "no' can't be read: it, or the folder"],
  ])('%j says so on a line, and leaves all as it was', async (args, complaint) => {
    const before = readdirSync(join(folder, 'files'));
    const texts = ['a', 'json', 'cut', 'key'].map((name) => readFileSync(at(name), 'utf8'));
    const { status, out, err } = await log(...args);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(complaint);
    expect(err).not.toMatch(/\n./);
    expect(readdirSync(join(folder, 'files'))).toEqual(before);
    expect(['a', 'json', 'cut', 'key'].map((name) => readFileSync(at(name), 'utf8'))).toEqual(texts);
  });
});

describe('rampart log', () => {
  it.each<[string, readonly string[], string]>([
    ['without a command it knows', ['mend'], "unknown command 'mend'"],
    ['without a log', ['verify'], 'which log?'],
    ['with a log of no known kind', ['verify', '--log', 'tape:1'], "'tape:1' is no log that can be opened"],
    [
      'with a log that is not there',
      ['backup', 'x', '--log', 'sqlite:/nowhere/log.db'],
      'there is no log at',
    ],
  ])('%s says what to do', async (_what, args, complaint) => {
    const { status, err } = await log(...args);
    expect(status).toBe(1);
    expect(err).toContain(complaint);
  });
});
