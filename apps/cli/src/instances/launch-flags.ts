import { readFileSync } from 'node:fs';
import type { Flag, Given } from '../flags.js';
import { isGroupId, listed } from '../parameters.js';
import { UsageError } from '../usage-error.js';
import type { Parameters } from '../verb.js';

export const LAUNCH_FLAGS: readonly Flag[] = [
  { flags: '-n, --instance-count <min[-max]>', says: 'how many; 1 unless given' },
  {
    flags: '-g, --group <group>',
    says: 'a group to wear, by name or id; default unless given',
    repeatable: true,
  },
  { flags: '--host <name>', says: 'the host to run on; the least loaded one unless given' },
  { flags: '--private-ip-address <address>', says: "the instance's address, from its host's range" },
  { flags: '-t, --instance-type <type>', says: 'the instance type' },
  { flags: '-k, --key <name>', says: 'the name of a key pair' },
  { flags: '-d, --user-data <text>', says: 'user data' },
  { flags: '-f, --user-data-file <file>', says: 'a file with user data' },
  { flags: '-z, --availability-zone <zone>', says: 'the zone to run in' },
  { flags: '-s, --subnet <subnet>', says: 'the subnet to run in' },
  {
    flags: '-b, --block-device-mapping <mapping>',
    says: 'DEVICE=none, ephemeralN or SNAPSHOT:SIZE',
    repeatable: true,
  },
  { flags: '-m, --monitor', says: 'turn monitoring on' },
];

export function countsFrom(given: Given): Parameters {
  const text = given.one('--instance-count') ?? '1';
  const [, least, most = least] = /^([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?$/.exec(text) ?? [];
  if (least === undefined || most === undefined || Number(least) > Number(most))
    throw new UsageError(
      `--instance-count '${text}' is malformed: use -n 3, or -n 1-3 for at least 1 and up to 3`,
    );
  return { MinCount: least, MaxCount: most };
}

export function groupsFrom(given: Given): Parameters {
  const groups = given.many('--group');
  return {
    ...listed('SecurityGroupId', groups.filter(isGroupId)),
    ...listed(
      'SecurityGroup',
      groups.filter((group) => !isGroupId(group)),
    ),
  };
}

/** Base64, as EC2 takes it. */
export function userDataFrom(given: Given): string | undefined {
  const [text, file] = [given.one('--user-data'), given.one('--user-data-file')];
  if (text !== undefined && file !== undefined)
    throw new UsageError(`--user-data-file '${file}' and --user-data exclude each other: give one`);
  if (text !== undefined) return Buffer.from(text).toString('base64');
  return file === undefined ? undefined : contentOf(file).toString('base64');
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--user-data-file '${file}' can't be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
