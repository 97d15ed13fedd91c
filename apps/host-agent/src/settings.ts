import { hostname } from 'node:os';
import { z } from 'zod';
import { natsSettingsFrom, type NatsSettings } from '#libs/bus';
import type { HostSettings } from '#libs/compiler';
import {
  INTERFACE_PATTERN,
  parseCidr,
  parseHostId,
  parseIpAddress,
  type Cidr,
  type HostId,
  type IpAddress,
} from '#libs/domain';
import { FAILSAFE_IN, FAILSAFE_OUT, parseInterfaces, parsePorts, portsTo } from './host-settings.js';

export interface Settings {
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
  /** The host's own, by which it may be launched as an instance itself. */
  readonly addresses: readonly IpAddress[];
  readonly host: HostSettings;
  /** Where scripts of this machine reach the agent; nowhere when absent. */
  readonly socket: string | undefined;
  readonly nats: NatsSettings;
  readonly stateFile: string;
  /** `fake` enforces nothing: for trying things out without root or Linux. */
  readonly dataplane: 'kernel' | 'fake';
  /** A path such as /run/netns/blue; the process's own network namespace when absent. */
  readonly netns: string | undefined;
}

const parsed = <T>(parse: (text: string) => T | undefined, fix: string) =>
  z.string().transform((text, context) => {
    const value = parse(text.trim());
    if (value === undefined) context.addIssue(`'${text}' is not understood: ${fix}`);
    return value ?? z.NEVER;
  });

const PORTS = 'use a list such as tcp/22,udp/68';
const STATE = 'name the file to keep the last state in';
const environment = z.object({
  RAMPART_HOST_ID: parsed(parseHostId, 'use a DNS label such as host-1').default(
    () => parseHostId(hostname()) ?? z.NEVER,
  ),
  RAMPART_HOST_RANGES: z
    .string('give the blocks that its instances get addresses from, such as 10.0.1.0/24,fd00:0:0:1::/64')
    .transform((text) => text.split(','))
    .pipe(z.array(parsed(parseCidr, 'use a block such as 10.0.1.0/24'))),
  RAMPART_HOST_ADDRESSES: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((part) => part.trim() !== ''))
    .pipe(z.array(parsed(parseIpAddress, 'use an address such as 192.0.2.11'))),
  RAMPART_INTERFACES: parsed(parseInterfaces, 'use names or their beginnings, such as ri-*,vnet*').prefault(
    INTERFACE_PATTERN,
  ),
  RAMPART_FAILSAFE_IN: parsed(parsePorts, PORTS).prefault(FAILSAFE_IN),
  RAMPART_FAILSAFE_OUT: parsed(parsePorts, PORTS).prefault(FAILSAFE_OUT),
  RAMPART_NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  RAMPART_NATS_USER: z.string().optional(),
  RAMPART_NATS_PASSWORD: z.string().optional(),
  RAMPART_STATE: z.string(STATE).min(1, STATE),
  RAMPART_AGENT_SOCKET: z.string().min(1).optional(),
  RAMPART_DATAPLANE: z.enum(['kernel', 'fake']).default('kernel'),
  RAMPART_NETNS: z.string().optional(),
});

/** What removing the table takes, whatever else is set. */
export function dataplaneFrom(variables: NodeJS.ProcessEnv): Pick<Settings, 'dataplane' | 'netns'> {
  const { RAMPART_DATAPLANE: dataplane, RAMPART_NETNS: netns } = checked(
    environment.pick({ RAMPART_DATAPLANE: true, RAMPART_NETNS: true }),
    variables,
  );
  return { dataplane, netns };
}

function checked<Output>(schema: z.ZodType<Output>, variables: NodeJS.ProcessEnv): Output {
  const result = schema.safeParse(variables);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path: [name = ''], message }) => {
    const value = variables[String(name)];
    return `${String(name)}${value === undefined ? ' is not set' : `='${value}'`}: ${message}`;
  });
  throw new Error(`the settings can't be used:\n${lines.join('\n')}`);
}

/** Throws with every variable that is wrong, its value and the fix. */
export function settingsFrom(variables: NodeJS.ProcessEnv): Settings {
  const data = checked(environment, variables);
  return {
    hostId: data.RAMPART_HOST_ID,
    ranges: data.RAMPART_HOST_RANGES,
    addresses: data.RAMPART_HOST_ADDRESSES,
    host: {
      interfaces: data.RAMPART_INTERFACES,
      failsafe: {
        in: data.RAMPART_FAILSAFE_IN,
        out: [...data.RAMPART_FAILSAFE_OUT, ...portsTo(data.RAMPART_NATS_URL)],
      },
    },
    nats: natsSettingsFrom(data.RAMPART_NATS_URL, data.RAMPART_NATS_USER, data.RAMPART_NATS_PASSWORD),
    socket: data.RAMPART_AGENT_SOCKET,
    stateFile: data.RAMPART_STATE,
    dataplane: data.RAMPART_DATAPLANE,
    netns: data.RAMPART_NETNS,
  };
}
