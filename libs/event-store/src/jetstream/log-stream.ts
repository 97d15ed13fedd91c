import {
  DiscardPolicy,
  JetStreamApiCodes,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import { EventStoreError } from '../event-store.js';
import type { JetStreamAddress } from './address.js';
import { isApiError } from './patience.js';

/** How long the servers know an append that is sent again. It is only quicker so: `expect` alone makes it safe. */
const DUPLICATE_WINDOW_MS = 120_000;
/** Several copies asked of a server that stands alone. */
const NOT_CLUSTERED = 10074;
/** Several copies asked of a cluster that is too small, or of which not all servers are there yet. */
const NO_PEERS = 10005;

/**
 * Where the commits of a stream are published. Nobody subscribes to it: NATS gives a subscriber also what JetStream
 * then refuses.
 */
export const subjectOf = (stream: string): string => `rampart-log.${stream}`;

/** A log is never cut, aged or edited, and more of it is refused rather than old of it dropped. */
const requiredOf = (stream: string) =>
  ({
    subjects: [subjectOf(stream)],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    no_ack: false,
    allow_rollup_hdrs: false,
    deny_delete: true,
    deny_purge: true,
  }) satisfies Partial<StreamConfig>;

/** Makes the stream when there is none. Throws an EventStoreError for one that would not keep a log. */
export async function openLogStream(manager: JetStreamManager, address: JetStreamAddress): Promise<void> {
  const { stream, name } = address;
  const { config } = await manager.streams.info(stream).catch((error: unknown) => {
    if (isApiError(error, JetStreamApiCodes.StreamNotFound)) return makeLogStream(manager, address);
    throw error;
  });
  const wrong = faultsOf(config, address);
  if (wrong.length > 0)
    throw new EventStoreError(
      `the stream ${stream} at ${name} can't keep a log: ${wrong.join('; ')}. Correct it, or name another`,
    );
}

async function makeLogStream(
  manager: JetStreamManager,
  { stream, replicas }: JetStreamAddress,
): Promise<{ readonly config: StreamConfig }> {
  try {
    return await manager.streams.add({
      ...requiredOf(stream),
      name: stream,
      description: 'the log of a Rampart cell',
      num_replicas: replicas,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    });
  } catch (error) {
    // The servers have only just found each other.
    if (isApiError(error, NO_PEERS)) throw new Error('fewer servers are there than copies', { cause: error });
    if (!isApiError(error, NOT_CLUSTERED)) throw error;
    throw new EventStoreError(
      `this nats-server is in no cluster that could keep ${replicas} copies: join it to one, or ask for replicas=1`,
      { cause: error },
    );
  }
}

function faultsOf(config: StreamConfig, { stream, replicas }: JetStreamAddress): readonly string[] {
  const wanted = Object.entries({
    ...requiredOf(stream),
    num_replicas: Math.max(config.num_replicas, replicas),
  });
  return wanted.flatMap(([name, value]) => {
    // What is false, the server leaves out.
    const [is, should] = [config[name as keyof StreamConfig] ?? false, value].map((one) =>
      JSON.stringify(one),
    );
    return is === should ? [] : [`${name} is ${is}, and not ${should}`];
  });
}

/** What an acknowledged append survives. Throws an EventStoreError where that is less than was asked for. */
export function durabilityAt(address: JetStreamAddress, connection: NatsConnection): string {
  const version = connection.info?.version ?? 'of unknown version';
  if (address.isSynced) {
    if (!hasSyncInterval(version))
      throw new EventStoreError(
        `nats-server ${version} has no sync_interval: always, which ${address.name} counts on; use 2.10 or later`,
      );
    return `acknowledged when a majority of ${address.replicas} servers have synced it to disk`;
  }
  if (address.replicas > 1)
    return `acknowledged when a majority of ${address.replicas} servers have it, before their disks do: only a power cut of that majority at once can lose the last of it`;
  if (!address.isUnsyncedAccepted)
    throw new EventStoreError(
      `${address.name} keeps one copy, and nats-server ${version} acknowledges before it syncs to disk: a power cut would lose the last minutes. Use replicas=3 in a cluster, or nats-server 2.10 with sync_interval: always (and say ?sync_interval=always), or accept it with ?replicas=1&unsynced=accepted`,
    );
  return 'acknowledged before it is synced to disk, as was accepted: a power cut can lose the last minutes';
}

function hasSyncInterval(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 10);
}
