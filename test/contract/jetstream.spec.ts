import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEventStore, openJetStreamEventStore } from '#libs/event-store';
import { JetStreamServer } from '../support/jetstream.js';

describe('a log in JetStream', () => {
  let server: JetStreamServer;
  let connection: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    server = await JetStreamServer.start();
    connection = await connect({ servers: server.url, waitOnFirstConnect: true });
  });
  afterAll(async () => {
    await connection.close();
    await server[Symbol.asyncDispose]();
  });

  const manager = () => jetstreamManager(connection);

  it('is not kept as one copy that a power cut can cut short, unless that is accepted', async () => {
    const address = server.addressOf('ONE').replace('&unsynced=accepted', '');
    await expect(openEventStore(address)).rejects.toThrow(
      /one copy.*nats-server 2.*power cut.*replicas=3.*unsynced=accepted/,
    );
    await expect((await manager()).streams.info('ONE')).rejects.toThrow('stream not found');
  });

  it('is not kept as more copies than there are servers', async () => {
    await expect(openEventStore(server.addressOf('THREE').replace(/\?.*/, ''))).rejects.toThrow(
      'in no cluster that could keep 3 copies',
    );
  });

  it('is made as a stream that nothing is removed from', async () => {
    await using _store = await openEventStore(server.addressOf('MADE'));
    const streams = (await manager()).streams;
    await expect(streams.purge('MADE')).rejects.toThrow(/purge/);
    await expect(streams.deleteMessage('MADE', 1)).rejects.toThrow(/delete/);
  });

  it.each<[string, Partial<StreamConfig>]>([
    ['storage is "memory", and not "file"', { storage: 'memory' }],
    ['max_age is 3600000000000, and not 0', { max_age: 3_600_000_000_000 }],
    ['max_bytes is 1048576, and not -1', { max_bytes: 1_048_576 }],
    ['discard is "old", and not "new"', { discard: 'old' }],
    ['retention is "interest", and not "limits"', { retention: 'interest' }],
    ['deny_purge is false, and not true', { deny_purge: false }],
    ['subjects is ["other"], and not', { subjects: ['other'] }],
  ])('refuses a stream that would not keep it: %s', async (problem, config) => {
    const name = `BAD-${Object.keys(config).join()}`;
    const good = { storage: 'file', discard: 'new', deny_purge: true, deny_delete: true } as const;
    const subjects = [`rampart-log.${name}`];
    await (await manager()).streams.add({ ...good, name, subjects, num_replicas: 1, ...config });
    await expect(openEventStore(server.addressOf(name))).rejects.toThrow(problem);
  });

  it('refuses an append that is too large for one message, and takes the next', async () => {
    await using store = await openEventStore(server.addressOf('LARGE'));
    const most = store.maxAppendBytes ?? 0;
    await expect(store.append(0, ['x'.repeat(most + 1)])).rejects.toThrow('raise max_payload');
    expect(await store.append(0, ['x'.repeat(most)])).toEqual({ appended: true, end: 1 });
  });

  it('refuses a record of several lines, which would come back as several', async () => {
    await using store = await openEventStore(server.addressOf('LINES'));
    await expect(store.append(0, ['a\nb'])).rejects.toThrow('one line');
  });

  it('reads on from any position, whichever commit holds it', async () => {
    await using store = await openEventStore(server.addressOf('MANY'));
    const texts = Array.from({ length: 100 }, (_, index) => `record ${index + 1}`);
    for (let end = 0; end < texts.length;) {
      const records = texts.slice(end, end + 1 + (end % 7));
      end = (await store.append(end, records)).end;
    }
    await using reader = await openEventStore(server.addressOf('MANY'));
    for (let after = 0; after <= texts.length; after++) {
      const read: string[] = [];
      for await (const page of reader.read(after)) read.push(...page.map(({ text }) => text));
      expect(read).toEqual(texts.slice(after));
    }
  });

  it('says where it was damaged, and does not go on', async () => {
    await using store = await openEventStore(server.addressOf('DAMAGED'));
    await store.append(0, ['a']);
    await connection.request('rampart-log.DAMAGED', 'from somebody else');
    await expect(async () => {
      for await (const _ of store.read(0));
    }).rejects.toThrow('message 2 of the stream is no commit');
  });

  it('is found to be away within the time given, and not be lost by that', async () => {
    const server = await JetStreamServer.start();
    await using store = await openJetStreamEventStore(server.addressOf('AWAY'), { patienceMs: 500 });
    await store.append(0, ['a']);
    await server.kill();
    await expect(store.append(1, ['b'])).rejects.toThrow(/jetstream:.*AWAY failed.*see that/);
    server.start();
    await expect.poll(() => store.end().catch(() => undefined), { timeout: 10_000 }).toBe(1);
    await server[Symbol.asyncDispose]();
  });

  it('is not opened where nobody answers', async () => {
    const nowhere = 'jetstream:nats://127.0.0.1:1/LOG';
    await expect(openJetStreamEventStore(nowhere, { patienceMs: 100 })).rejects.toThrow(
      /127.0.0.1:1\/LOG failed/,
    );
  });
});
