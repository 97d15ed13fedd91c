import { EventStoreError } from '../event-store.js';
import { withoutPassword } from '../without-password.js';

/** Where a log is kept in JetStream, and what is wished of it. */
export interface JetStreamAddress {
  /** Without the password: for people, logs and errors. */
  readonly name: string;
  readonly servers: readonly string[];
  readonly user?: string;
  readonly pass?: string;
  readonly stream: string;
  readonly replicas: number;
  /** It is meant that the servers acknowledge what a power cut may take from them again. */
  readonly isUnsyncedAccepted: boolean;
  /** The servers are configured with `sync_interval: always`, which can't be seen from here. */
  readonly isSynced: boolean;
}

export const JETSTREAM_EXAMPLE = 'jetstream:nats://user:password@host1:4222,host2:4222,host3:4222/STREAM';

const ADDRESS =
  /^jetstream:(?<scheme>nats|tls):\/\/(?:(?<user>[^:@/]+):(?<pass>[^:@/]*)@)?(?<hosts>[^@/?]+)\/(?<stream>[A-Za-z0-9_-]+)(?:\?(?<options>.*))?$/;

/** Allowed of each option; NATS keeps 1, 3 or 5 copies. */
const OPTIONS: Readonly<Record<string, RegExp>> = {
  replicas: /^[135]$/,
  unsynced: /^accepted$/,
  sync_interval: /^always$/,
};

/** Throws an EventStoreError that names what is wrong with it. */
export function parseJetStreamAddress(address: string): JetStreamAddress {
  const parts = ADDRESS.exec(address)?.groups;
  if (!parts) throw new EventStoreError(`'${withoutPassword(address)}' is not like ${JETSTREAM_EXAMPLE}`);
  const { scheme = '', user, pass = '', hosts = '', stream = '' } = parts;
  const options = optionsIn(parts['options'] ?? '');
  return {
    name: `jetstream:${scheme}://${hosts}/${stream}`,
    servers: hosts.split(',').map((host) => `${scheme}://${host}`),
    ...(user === undefined ? {} : { user: decodeURIComponent(user), pass: decodeURIComponent(pass) }),
    stream,
    replicas: Number(options.get('replicas') ?? 3),
    isUnsyncedAccepted: options.has('unsynced'),
    isSynced: options.has('sync_interval'),
  };
}

function optionsIn(text: string): ReadonlyMap<string, string> {
  const options = new URLSearchParams(text);
  for (const [name, value] of options) {
    if (OPTIONS[name]?.test(value)) continue;
    const known = 'replicas=1, 3 or 5, unsynced=accepted, sync_interval=always';
    throw new EventStoreError(`'${name}=${value}' is no option of a log in JetStream; there are ${known}`);
  }
  return new Map(options);
}
