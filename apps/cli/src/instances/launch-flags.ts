import { readFileSync } from 'node:fs';
import type { Flag, Given } from '../flags.js';
import { isGroupId, listed, present } from '../parameters.js';
import { UsageError } from '../usage-error.js';
import type { Parameters } from '../verb.js';

/** A flag whose value, or `true` where it takes none, is sent as it is. */
interface PassedOnFlag extends Flag {
  readonly long: string;
  readonly parameter: string;
}

const passedOn = (
  flags: string,
  parameter: string,
  says: string,
  completes?: Flag['completes'],
): PassedOnFlag => ({
  flags,
  says,
  long: /--[a-z-]+/.exec(flags)?.[0] ?? flags,
  parameter,
  ...(completes && { completes }),
});

const PASSED_ON: readonly PassedOnFlag[] = [
  passedOn('--host <name>', 'Placement.HostId', 'the host to run on; the least loaded unless given', 'host'),
  passedOn('--private-ip-address <address>', 'PrivateIpAddress', "the address, from its host's range"),
  passedOn('-t, --instance-type <type>', 'InstanceType', 'the instance type'),
  passedOn('-k, --key <name>', 'KeyName', 'the name of a key pair'),
  passedOn('-z, --availability-zone <zone>', 'Placement.AvailabilityZone', 'the zone to run in'),
  passedOn('-s, --subnet <subnet>', 'SubnetId', 'the subnet to run in'),
  passedOn('-m, --monitor', 'Monitoring.Enabled', 'turn monitoring on'),
  passedOn('-p, --iam-profile <name>', 'IamInstanceProfile.Name', 'the IAM profile'),
  passedOn('--client-token <token>', 'ClientToken', 'makes a repeated request the same request'),
  passedOn('--addressing <type>', 'AddressingType', 'how addresses are given: public or direct'),
  passedOn('--kernel <kernel>', 'KernelId', 'the kernel'),
  passedOn('--ramdisk <ramdisk>', 'RamdiskId', 'the ramdisk'),
  passedOn('--placement-group <group>', 'Placement.GroupName', 'the placement group'),
  passedOn(
    '--tenancy <tenancy>',
    'Placement.Tenancy',
    'default or dedicated; host makes the --host itself the instance',
    ['default', 'dedicated', 'host'],
  ),
  passedOn('--ebs-optimized', 'EbsOptimized', 'optimize for EBS'),
  passedOn('--disable-api-termination', 'DisableApiTermination', 'refuse termination'),
  passedOn(
    '--instance-initiated-shutdown-behavior <behavior>',
    'InstanceInitiatedShutdownBehavior',
    'stop or terminate',
    ['stop', 'terminate'],
  ),
];

export const LAUNCH_FLAGS: readonly Flag[] = [
  { flags: '-n, --instance-count <min[-max]>', says: 'how many; 1 unless given' },
  {
    flags: '-g, --group <group>',
    says: 'a group to wear, by name or id; default unless given',
    repeatable: true,
    completes: 'group',
  },
  { flags: '-d, --user-data <text>', says: 'user data' },
  { flags: '-f, --user-data-file <file>', says: 'a file with user data', completes: 'file' },
  {
    flags: '-b, --block-device-mapping <mapping>',
    says: 'DEVICE=none, ephemeralN or SNAPSHOT:SIZE',
    repeatable: true,
  },
  ...PASSED_ON,
];

export const passedOnFrom = (given: Given): Parameters =>
  present(
    Object.fromEntries(
      PASSED_ON.map(({ long, parameter }) => {
        const value = given.one(long);
        return [parameter, value === '' ? 'true' : value];
      }),
    ),
  );

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
