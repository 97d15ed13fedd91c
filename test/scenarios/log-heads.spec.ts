import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EC2_LIMITS, type Command } from '#libs/domain';
import { openSqliteEventStore } from '#libs/event-store';
import { commandSubject, LOG_HEAD_SUBJECT, type SignedHead } from '#libs/protocol';
import { CommandLog } from '../../apps/control-plane/src/log/command-log.js';
import { readSigningKey } from '../../apps/control-plane/src/proof/signing-key.js';
import { accountId, createGroup, NatsServer, openAccount } from '../support/cell.js';
import { amazonsSigner } from '../support/signed.js';
import { freePort, Program } from '../support/programs.js';
import { shell, type Outcome } from '../support/shell.js';

// A control plane that signs where its log ends, and a log that somebody writes anew behind its back.

const folder = mkdtempSync(join(tmpdir(), 'rampart-heads-'));
const log = join(folder, 'log.db');
const key = { accessKeyId: 'AKIDEXAMPLE12345', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const sh = (line: string): Promise<Outcome> => shell(`cd ${folder}; ${line}`, {});
const verify = (file: string, heads = 'heads.jsonl', more = '--key key.pem.pub'): Promise<Outcome> =>
  sh(`rampart log verify --log sqlite:${file} --heads ${heads} ${more}`);

let published: SignedHead[];
let asked: SignedHead;

/** Groups by command, then the head by HTTP, then the end. */
async function runControlPlane(groups: readonly string[]): Promise<void> {
  await using nats = await NatsServer.start();
  const port = await freePort();
  const controlPlane = await Program.controlPlane({
    RAMPART_LISTEN: `127.0.0.1:${port}`,
    RAMPART_NATS_URL: nats.url,
    RAMPART_LOG: `sqlite:${log}`,
    RAMPART_ACCESS_KEYS: join(folder, 'keys.json'),
    RAMPART_SIGNING_KEY: join(folder, 'key.pem'),
    RAMPART_HEADS_FILE: join(folder, 'heads.jsonl'),
    RAMPART_REGION: 'cell-7',
  });
  const connection = await connect({ servers: nats.url });
  const heads = connection.subscribe(LOG_HEAD_SUBJECT);
  for (const name of groups) {
    const body = JSON.stringify({ type: 'CreateGroup', name, description: name });
    await connection.request(commandSubject(accountId), body, { timeout: 5000 });
  }
  asked = await askForHead(port);
  await controlPlane.end('SIGTERM');
  await connection.drain();
  for await (const message of heads) published.push(message.json<SignedHead>());
}

async function askForHead(port: number): Promise<SignedHead> {
  const where = { protocol: 'http:', hostname: '127.0.0.1', port, path: '/v1/log/head', method: 'GET' };
  const headers = { host: `127.0.0.1:${port}` };
  const signed = await amazonsSigner(key, 'rampart', 'us-east-1').sign({ ...where, headers });
  const answer = await fetch(`http://127.0.0.1:${port}/v1/log/head`, { headers: signed.headers });
  return (await answer.json()) as SignedHead;
}

/** Another history of the same length, its chain of hashes as it should be. */
async function writeAnew(file: string, from: string, keep: number): Promise<void> {
  await using old = await openSqliteEventStore(from);
  await using store = await openSqliteEventStore(file);
  const texts: string[] = [];
  for await (const page of old.read(0)) texts.push(...page.map(({ text }) => text));
  await store.append(0, texts.slice(0, keep));
  const commands = await CommandLog.open(store, [], { limits: { ...EC2_LIMITS, groupsPerAccount: 1e9 } });
  const request = { actor: { kind: 'system' }, requestId: 'test' } as const;
  await commands.handle(openAccount() as Command, request);
  for (let position = keep; position < texts.length; position += 3)
    await commands.handle(createGroup(`forged ${position}`) as Command, request);
}

beforeAll(async () => {
  published = [];
  writeFileSync(join(folder, 'keys.json'), JSON.stringify([{ ...key, accountId }]));
  await sh('rampart log key key.pem');
  await runControlPlane(['a', 'b']);
  await runControlPlane(['c', 'd', 'e']);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('signed heads', () => {
  it('are published, kept in a file and told, the last one at the end', () => {
    const kept = readFileSync(join(folder, 'heads.jsonl'), 'utf8').trimEnd().split('\n');
    expect(kept.map((line) => JSON.parse(line) as SignedHead)).toEqual(published);
    expect(published).toMatchObject([
      { cell: 'cell-7', position: 5 + 2 * 3 },
      { cell: 'cell-7', position: 5 + 5 * 3 },
    ]);
    const { position, hash, keyId, signature } = asked;
    expect(published[1]).toMatchObject({ position, hash, keyId });
    expect(Buffer.from(signature, 'base64')).toHaveLength(64);
  });

  it('agree with the log that they were signed of, however far it has come since', async () => {
    expect(await verify(log)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^WHOLE\t20\t.*\nSIGNED\t2 heads\n$/),
    });
    appendFileSync(join(folder, 'first.jsonl'), `${JSON.stringify(published[0])}\n`);
    expect((await verify(log, 'first.jsonl', '--key key.pem')).status).toBe(0);
    appendFileSync(join(folder, 'asked.jsonl'), `${JSON.stringify(asked)}\n`);
    expect((await verify(log, 'asked.jsonl')).out).toContain('SIGNED\t1 head\n');
  });

  it.each<[what: string, keep: number, complaint: RegExp]>([
    ['anew', 0, /^event 11: it, or one before it, is not what it was at .*: the log was written anew\n$/],
    ['anew from some event on', 11, /^event 20: .* written anew; up to event 11 it is as it was signed at /],
  ])('tell that a log was written %s, though its chain is whole', async (_what, keep, complaint) => {
    const file = join(folder, `anew-${keep}.db`);
    await writeAnew(file, log, keep);
    expect((await sh(`rampart log verify --log sqlite:${file}`)).status).toBe(0);
    const { status, out, err } = await verify(file);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(complaint);
  });

  it('tell that the end of a log was cut off', async () => {
    const file = join(folder, 'short.db');
    copyFileSync(log, file);
    using database = new DatabaseSync(file);
    database.exec('DELETE FROM events WHERE position > 17');
    const { status, err } = await verify(file);
    expect(status).toBe(1);
    expect(err).toMatch(
      /^the log ends with event 17, and had 20 at .*: its end was cut off; up to event 11 /,
    );
  });

  it('are nothing without the key', async () => {
    await sh('rampart log key other.pem');
    const [first = '', second = ''] = readFileSync(join(folder, 'heads.jsonl'), 'utf8').split('\n');
    writeFileSync(
      join(folder, 'edited.jsonl'),
      `${first}\n${second.replace('"position":20', '"position":19')}\n`,
    );
    expect((await verify(log, 'edited.jsonl')).err).toContain(
      'edited.jsonl, line 2: its signature is not of what',
    );
    expect((await verify(log, 'heads.jsonl', '--key other.pem.pub')).err).toContain(
      'line 1: it is signed by the key',
    );
    expect((await verify(log, 'heads.jsonl', '--key other.pem.pub --key key.pem.pub')).status).toBe(0);
    expect((await verify(log, 'heads.jsonl', '')).err).toContain('--heads and --key go together');
    expect((await verify(log, 'keys.json')).err).toMatch(/keys.json holds no heads|it is no signed head/);
    expect((await verify(log, 'nowhere.jsonl')).err).toContain("'nowhere.jsonl' is not there");
    expect((await verify(log, 'heads.jsonl', '--key keys.json')).err).toContain(
      "--key 'keys.json' is no key",
    );
  });
});

describe('the signing key', () => {
  it('is readable by its owner only, and never replaced', async () => {
    expect((await sh('rampart log key new.pem')).out).toMatch(/^KEY\tnew\.pem\t[0-9a-f]{16}\n$/);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(folder, 'key.pem'), 'utf8');
    expect((await sh('rampart log key key.pem')).err).toContain(
      "key.pem can't be written: it is there already: name a new file",
    );
    expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe(before);
  });

  it('may be one of openssl', async () => {
    await sh('openssl genpkey -algorithm ed25519 -out key.pem.2');
    copyFileSync(join(folder, 'key.pem.2'), join(folder, 'key.pem'));
    await runControlPlane([]);
    expect((await verify(log, 'heads.jsonl', '--key key.pem --key key.pem.pub')).out).toContain(
      'SIGNED\t3 heads',
    );
  });

  it('is named when it is none', () => {
    const file = join(folder, 'key.pem.pub');
    expect(() => readSigningKey(file)).toThrow(`RAMPART_SIGNING_KEY='${file}' is no Ed25519 private key`);
  });
});
