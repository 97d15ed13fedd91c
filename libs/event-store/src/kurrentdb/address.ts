import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { EventStoreError } from '../event-store.js';

/** Where a log is kept in KurrentDB, and how to get there. */
export interface KurrentDbAddress {
  /** For the client. Holds secrets. */
  readonly connection: string;
  /** For people: hosts and stream, no secrets. */
  readonly name: string;
  readonly stream: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

export const KURRENTDB_EXAMPLE =
  'kurrentdb://user:password@host1:2113,host2:2113,host3:2113?tlsCAFile=FILE&stream=NAME';

const FORM =
  /^(?<scheme>kurrentdb|esdb)(?<discover>\+discover)?:\/\/(?:(?<user>[^:@/?]+):(?<password>[^:@/?]+)@)?(?<hosts>[^@/?]+)\/?(?:\?(?<options>[^?]*))?$/;
const HOST = /^[A-Za-z0-9._-]+(?::[0-9]{1,5})?$/;
const NUMBER = /^-?[0-9]{1,9}$/;
const BOOLEAN = /^(?:true|false)$/;
const TEXT = /^.+$/;
const FILES = new Set(['tlsCAFile', 'userCertFile', 'userKeyFile']);

/** What the client knows, by its own names. It would print a whole address, password and all, that has others. */
const OPTIONS: Readonly<Record<string, RegExp>> = {
  tls: BOOLEAN,
  tlsCAFile: TEXT,
  tlsVerifyCert: BOOLEAN,
  userCertFile: TEXT,
  userKeyFile: TEXT,
  connectionName: TEXT,
  nodePreference: /^(?:leader|follower|random|readOnlyReplica)$/i,
  maxDiscoverAttempts: NUMBER,
  discoveryInterval: NUMBER,
  gossipTimeout: NUMBER,
  keepAliveInterval: NUMBER,
  keepAliveTimeout: NUMBER,
  stream: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
};

const DEFAULT_STREAM = 'rampart-cell';

/** Throws an EventStoreError that says what is wrong, without any of the secrets. */
export function parseKurrentDbAddress(address: string): KurrentDbAddress {
  const { discover = '', user, password, hosts = '', options = '' } = FORM.exec(address)?.groups ?? {};
  const given = options === '' ? [] : options.split('&').map((option) => optionIn(option));
  if (hosts === '') throw wrong(`use ${KURRENTDB_EXAMPLE}, and %40 or the like for special characters`);
  const isPlain = given.some(([name, value]) => name === 'tls' && value === 'false');
  for (const host of hosts.split(',')) checkHost(host, isPlain);
  const stream = given.find(([name]) => name === 'stream')?.[1] ?? DEFAULT_STREAM;
  const forClient = given.filter(([name]) => name !== 'stream').map(([name, value]) => `${name}=${value}`);
  const scheme = `kurrentdb${discover}`; // 'esdb' is the same, and the client grumbles at it
  const login = user === undefined ? '' : `${user}:${password ?? ''}@`;
  return {
    connection: `${scheme}://${login}${hosts}${forClient.length > 0 ? `?${forClient.join('&')}` : ''}`,
    name: `${scheme}://${hosts}?stream=${stream}`,
    stream,
    credentials:
      user === undefined ? undefined : { username: decoded(user), password: decoded(password ?? '') },
  };
}

function optionIn(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  const [name, value] = equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
  const known = Object.keys(OPTIONS).find((option) => option.toLowerCase() === name.toLowerCase());
  if (known === undefined)
    throw wrong(`there is no option '${name}'; there are ${Object.keys(OPTIONS).join(', ')}`);
  if (OPTIONS[known]?.test(value) !== true) throw wrong(`'${value}' is no value for the option '${known}'`);
  if (FILES.has(known) && !existsSync(decoded(value)))
    throw wrong(`there is no file '${value}' for ${known}`);
  return [known, value];
}

function checkHost(host: string, isPlain: boolean): void {
  if (!HOST.test(host)) throw wrong(`'${host}' is no host: use NAME:PORT`);
  if (!isPlain && isIP(host.replace(/:[0-9]+$/, '')) !== 0)
    throw wrong(`'${host}' is an IP address: with TLS, use the name that the certificate is for`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('a % in it begins no character: write %25');
  }
}

const wrong = (what: string): EventStoreError =>
  new EventStoreError(`the address of the KurrentDB log can't be used: ${what}`);
