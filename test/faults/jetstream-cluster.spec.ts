import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { openJetStreamEventStore, type EventStore } from '#libs/event-store';
import { brokenAt, ChainWriter } from './support/chain-writer.js';
import { JetStreamCluster } from './support/jetstream-cluster.js';

const WRITERS = 3;
const POLL_MS = 20;

async function textsOf(store: EventStore): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const page of store.read(0)) texts.push(...page.map(({ text }) => text));
  return texts;
}

/** What is followed from the beginning on, until it is stopped. */
function followed(store: EventStore): { readonly texts: string[]; readonly stop: () => Promise<void> } {
  const [texts, stop] = [new Array<string>(), new AbortController()];
  const following = (async () => {
    for await (const page of store.follow(0, stop.signal)) texts.push(...page.map(({ text }) => text));
  })();
  const end = async (): Promise<void> => {
    stop.abort();
    await following;
  };
  return { texts, stop: end };
}

describe('a log that three nats-servers keep', () => {
  let cluster: JetStreamCluster;
  beforeAll(async () => (cluster = await JetStreamCluster.start()));
  afterAll(() => cluster[Symbol.asyncDispose]());

  it('loses nothing acknowledged and doubles nothing, whichever servers die or stand still', async () => {
    await using reader = await openJetStreamEventStore(cluster.addressOf('LOG'));
    const stores = await Promise.all(
      Array.from({ length: WRITERS }, () => openJetStreamEventStore(cluster.addressOf('LOG'))),
    );
    const writers = stores.map((store, k) => new ChainWriter(`writer-${k}`, store));
    const follower = followed(reader);
    /** Each of them has appended again. */
    const goesOn = (): Promise<unknown> => Promise.all(writers.map((writer) => writer.progress(10)));
    await goesOn();

    const killed = await cluster.leaderOf('LOG');
    await killed.kill();
    await goesOn();
    killed.start();
    await cluster.whole('LOG');

    const still = await cluster.leaderOf('LOG');
    still.signal('SIGSTOP');
    await goesOn();
    still.signal('SIGCONT');
    await cluster.whole('LOG');

    const two = cluster.nodes.toSorted(() => Math.random() - 0.5).slice(1);
    await Promise.all(two.map((node) => node.kill()));
    for (const node of two) node.start();
    await goesOn();
    await cluster.whole('LOG');

    await Promise.all(cluster.nodes.map((node) => node.kill()));
    for (const node of cluster.nodes) node.start();
    await goesOn();

    await Promise.all(writers.map((writer) => writer.stop()));
    const texts = await textsOf(reader);
    expect(brokenAt(texts)).toBeUndefined();
    const stored = new Set(texts);
    expect(stored.size).toBe(texts.length);
    for (const { acknowledged, refused } of writers) {
      for (const [record, position] of acknowledged) expect(texts[position - 1]).toBe(record);
      expect(refused.filter((record) => stored.has(record))).toEqual([]);
    }
    while (follower.texts.length < texts.length) await setTimeout(POLL_MS);
    await follower.stop();
    expect(follower.texts).toEqual(texts);
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
  });

  it('says that it is uncertain what became of an append that no majority answered', async () => {
    await using store = await openJetStreamEventStore(cluster.addressOf('OTHER'), { patienceMs: 3000 });
    await store.append(0, ['before']);
    const leader = await cluster.leaderOf('OTHER');
    const others = cluster.nodes.filter((node) => node !== leader);
    for (const node of others) node.signal('SIGSTOP');
    await expect(store.append(1, ['perhaps'])).rejects.toMatchObject({ isUncertain: true });
    for (const node of others) node.signal('SIGCONT');
    await cluster.whole('OTHER');

    // Whoever reads on learns what it was, and what is appended after that is certain again.
    await using patient = await openJetStreamEventStore(cluster.addressOf('OTHER'));
    const end = await patient.end();
    expect(await patient.append(end, ['after'])).toEqual({ appended: true, end: end + 1 });
    expect((await textsOf(patient)).filter((text) => text !== 'perhaps')).toEqual(['before', 'after']);
  });

  it('is out of reach for hosts and services, which are in another account', async () => {
    for (const user of ['control-plane', 'host-1', 'deployer', 'watcher']) {
      await using connection = await connect(cluster.settingsOf(user));
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 500 });
      await expect(manager.streams.info('LOG')).rejects.toThrow();
    }
  });
});
