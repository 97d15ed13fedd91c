import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import type { EventStore, EventStoreError } from '#libs/event-store';
import { openKurrentDbEventStore } from '../../libs/event-store/src/kurrentdb/kurrentdb-event-store.js';
import { makeCertificates } from '../support/kurrentdb/certificates.js';
import type { AppendFault } from '../support/kurrentdb/faults.js';
import { KurrentDbDouble } from '../support/kurrentdb/kurrentdb-double.js';

const execute = promisify(execFile);
const STREAM = 'rampart-cell';
const IMPATIENT = { answer: { reading: 5000, writing: 400 }, tries: 8000, silence: 500 };

const openOn = (double: KurrentDbDouble, patience = IMPATIENT): Promise<EventStore> =>
  openKurrentDbEventStore(`kurrentdb://${double.host}?tls=false`, patience);

async function textsOf(store: EventStore, after = 0): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const page of store.read(after)) texts.push(...page.map(({ text }) => text));
  return texts;
}

/** Follows until as many texts have come. */
async function followed(
  store: EventStore,
  after: number,
  wanted: number,
  seen: string[] = [],
): Promise<string[]> {
  const stop = new AbortController();
  for await (const page of store.follow(after, stop.signal)) {
    seen.push(...page.map(({ text }) => text));
    if (seen.length >= wanted) stop.abort();
  }
  return seen;
}

const failureOf = (work: Promise<unknown>): Promise<EventStoreError> =>
  work.then(
    () => Promise.reject(new Error('it went well')),
    (error: unknown) => error as EventStoreError,
  );

const FAULTS = (['unavailable', 'not-leader', 'timeout', 'none'] as const).flatMap((answer) =>
  [true, false].map((lands): AppendFault => ({ answer, lands })),
);

describe.concurrent.each([
  ['a server of today', {}],
  ['a server before 21.10', { withoutBatchAppend: true }],
])('an append to KurrentDB, %s', (_which, options) => {
  it.each(FAULTS)('is tried until it is known to be there, once: $answer, lands: $lands', async (fault) => {
    await using double = await KurrentDbDouble.start(options);
    await using store = await openOn(double);
    await store.append(0, ['a']);
    double.appendFaults.push(fault, fault);
    expect(await store.append(1, ['b', 'c'])).toEqual({ appended: true, end: 3 });
    expect(await store.append(3, ['d'])).toEqual({ appended: true, end: 4 });
    expect(await textsOf(store)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is a lost race when others come first between two tries', async () => {
    await using double = await KurrentDbDouble.start(options);
    await using store = await openOn(double);
    await using other = await openOn(double);
    double.appendFaults.push({ answer: 'none', lands: false });
    const outcome = store.append(0, ['a', 'b']);
    await vi.waitFor(() => expect(double.appendFaults).toEqual([]));
    await other.append(0, ['x']);
    expect(await outcome).toEqual({ appended: false, end: 1 });
  });

  it('is a lost race for one who has the same to say', async () => {
    await using double = await KurrentDbDouble.start(options);
    await using store = await openOn(double);
    await using other = await openOn(double);
    expect(await store.append(0, ['a'])).toEqual({ appended: true, end: 1 });
    expect(await other.append(0, ['a'])).toEqual({ appended: false, end: 1 });
  });

  it('is refused, and told how, when the server takes less at a time', async () => {
    await using double = await KurrentDbDouble.start(options);
    await using store = await openOn(double);
    double.streams.maxAppendSize = 1000;
    const failure = await failureOf(store.append(0, ['x'.repeat(600), 'y'.repeat(600)]));
    expect(failure).toMatchObject({ name: 'EventStoreError', isUncertain: false });
    expect(failure.message).toContain('takes 1000 bytes at a time');
    expect(await store.end()).toBe(0);
  });

  it('stays uncertain when a try that may have landed is followed by a refusal', async () => {
    await using double = await KurrentDbDouble.start(options);
    await using store = await openOn(double);
    double.appendFaults.push({ answer: 'none', lands: false });
    const failure = failureOf(store.append(0, ['x'.repeat(2000)]));
    await vi.waitFor(() => expect(double.appendFaults).toEqual([]));
    double.streams.maxAppendSize = 1000;
    expect(await failure).toMatchObject({ isUncertain: true });
  });
});

describe.concurrent('KurrentDB, when it fails', () => {
  it('leaves an append uncertain that it does not answer for too long', async () => {
    await using double = await KurrentDbDouble.start();
    await using store = await openOn(double, { ...IMPATIENT, tries: 300 });
    double.stop();
    const failure = await failureOf(store.append(0, ['a']));
    expect(failure).toMatchObject({ name: 'EventStoreError', isUncertain: true });
    expect(failure.message).toContain(`kurrentdb://${double.host}?stream=${STREAM}`);
    expect(await failureOf(store.end())).toMatchObject({ name: 'EventStoreError', isUncertain: false });
  });

  it('is waited for while it is away, by appends, readers and followers', async () => {
    await using double = await KurrentDbDouble.start();
    await using store = await openOn(double);
    await store.append(0, ['a', 'b']);
    const seen: string[] = [];
    const following = followed(store, 0, 4, seen);
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    double.stop();
    const [appending, reading] = [store.append(2, ['c', 'd']), textsOf(store)];
    await double.start();
    expect(await appending).toEqual({ appended: true, end: 4 });
    expect((await reading).slice(0, 2)).toEqual(['a', 'b']);
    expect(await following).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each(['drop', 'mute'] as const)(
    '%ss a subscription, and nothing is left out or told twice',
    async (what) => {
      await using double = await KurrentDbDouble.start();
      await using store = await openOn(double);
      const texts = Array.from({ length: 6 }, (_, index) => `record ${index}`);
      const seen: string[] = [];
      const following = followed(store, 0, texts.length, seen);
      for (const [index, text] of texts.entries()) {
        await vi.waitFor(() => expect(double.subscriptions.size).toBeGreaterThan(0));
        if (index % 2 === 1) for (const subscription of double.subscriptions) subscription[what]();
        await store.append(index, [text]);
        await vi.waitFor(() => expect(seen).toHaveLength(index + 1), { timeout: 4000 });
      }
      expect(await following).toEqual(texts);
    },
  );

  it('is told to be cut short when records are gone, not taken for a shorter log', async () => {
    await using double = await KurrentDbDouble.start();
    await using store = await openOn(double);
    await store.append(0, ['a', 'b', 'c']);
    double.streams.truncate(STREAM, 1);
    expect((await failureOf(textsOf(store))).message).toContain('has lost its records 1 to 1');
    expect((await failureOf(followed(store, 0, 1))).message).toContain('has lost its records 1 to 1');
    expect(await textsOf(store, 1)).toEqual(['b', 'c']);
  });
});

describe.concurrent('a cluster of KurrentDB', () => {
  it('is read from its leader, and written to through any of its nodes', async () => {
    await using leader = await KurrentDbDouble.start();
    await using node = await KurrentDbDouble.start({ streams: leader.streams, leader: () => leader });
    await using store = await openOn(node);
    expect(await store.append(0, ['a'])).toEqual({ appended: true, end: 1 });
    expect(await textsOf(store)).toEqual(['a']);
  });

  it.each(['kurrentdb+discover', 'esdb+discover'])('tells where its leader is, by %s', async (scheme) => {
    await using leader = await KurrentDbDouble.start();
    await using node = await KurrentDbDouble.start({ streams: leader.streams, leader: () => leader });
    await using store = await openKurrentDbEventStore(`${scheme}://${node.host}?tls=false`, IMPATIENT);
    leader.appendFaults.push({ answer: 'unavailable', lands: true });
    expect(await store.append(0, ['a'])).toEqual({ appended: true, end: 1 });
    expect(leader.appendFaults).toEqual([]);
    expect(await followed(store, 0, 1)).toEqual(['a']);
  });
});

describe.concurrent('KurrentDB with TLS', async () => {
  const certificates = await makeCertificates();
  const secure = { certificates, user: 'ad min', password: 'p@ss:w/ör?d&%' };
  const startSecure = (): Promise<KurrentDbDouble> => KurrentDbDouble.start({ secure });
  const addressOf = (double: KurrentDbDouble, password: string, authority = certificates.authority): string =>
    `kurrentdb://ad%20min:${encodeURIComponent(password)}@${double.host.replace('127.0.0.1', 'localhost')}?tlsCAFile=${authority}`;

  it('is given user and password, whatever characters they have', async () => {
    await using double = await startSecure();
    await using store = await openKurrentDbEventStore(addressOf(double, secure.password), IMPATIENT);
    await store.append(0, ['a']);
    expect(await textsOf(store)).toEqual(['a']);
    expect(await followed(store, 0, 1)).toEqual(['a']);
    expect(store.name).toBe(`kurrentdb://localhost:${double.host.split(':')[1]}?stream=${STREAM}`);
  });

  it('refuses a wrong password, which is told without saying it', async () => {
    await using double = await startSecure();
    const failure = await failureOf(openKurrentDbEventStore(addressOf(double, 'guess-work'), IMPATIENT));
    expect(failure.message).toContain('denies access');
    expect(JSON.stringify([failure, failure.message, failure.stack, failure.cause])).not.toContain(
      'guess-work',
    );
  });

  it('is not trusted when another authority vouches for it', async () => {
    await using double = await startSecure();
    const { authority } = await makeCertificates();
    const address = addressOf(double, secure.password, authority);
    const failure = await failureOf(openKurrentDbEventStore(address, { ...IMPATIENT, tries: 300 }));
    expect(failure.name).toBe('EventStoreError');
    expect(failure.message).not.toContain(encodeURIComponent(secure.password));
  });
});

describe.concurrent('the stream of a log', () => {
  const record =
    '{"position":1,"id":"01990000-0000-7000-8000-000000000001","type":"GroupCreated","data":{"name":"wéb"}}';
  it('is readable JSON with a type, where that keeps the text as it is', async () => {
    await using double = await KurrentDbDouble.start();
    await using store = await openOn(double);
    await store.append(0, [record, '{"spaced": true}']);
    const [event, other] = (double.streams.of(STREAM) ?? []).map(({ metadata, data }) => ({
      ...Object.fromEntries(metadata),
      data: Buffer.from(data).toString(),
    }));
    expect(event).toEqual({ type: 'GroupCreated', 'content-type': 'application/json', data: record });
    expect(other).toMatchObject({ type: 'Record', 'content-type': 'application/octet-stream' });
  });

  it('gives a follower every text to the letter', async () => {
    await using double = await KurrentDbDouble.start();
    await using store = await openOn(double);
    const texts = [record, '', '{"a":1.0}', '{"a":1,"a":2}', '\uFEFF{"é":"🧱"}', '"text"'];
    await store.append(0, texts);
    expect(await followed(store, 0, texts.length)).toEqual(texts);
  });
});

describe("KurrentDB's client", () => {
  const loadedBy = async (script: string): Promise<number> => {
    const tell =
      "console.log(Object.keys(createRequire(import.meta.url).cache).filter((f) => f.includes('@kurrent')).length)";
    const source = `import { createRequire } from 'node:module'; ${script}; ${tell}`;
    return Number((await execute(process.execPath, ['--input-type=module', '--eval', source])).stdout);
  };

  it('is not even loaded by those who keep their log elsewhere', async () => {
    const store = "const { openEventStore } = await import('./dist/libs/event-store/src/index.js')";
    expect(await loadedBy(`${store}; await openEventStore('memory')`)).toBe(0);
    const address = 'kurrentdb://localhost:1?tls=false&no=option';
    expect(await loadedBy(`${store}; await openEventStore('${address}').catch(() => {})`)).toBeGreaterThan(0);
  });
});
