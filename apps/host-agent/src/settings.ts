import { hostname } from 'node:os';
import { z } from 'zod';
import { natsSettingsFrom, type NatsSettings } from '#libs/bus';
import { parseCidr, parseHostId, type Cidr, type HostId } from '#libs/domain';

export interface Settings {
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
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

const STATE = 'name the file to keep the last state in';
const environment = z.object({
  RAMPART_HOST_ID: parsed(parseHostId, 'use a DNS label such as host-1').default(
    () => parseHostId(hostname()) ?? z.NEVER,
  ),
  RAMPART_HOST_RANGES: z
    .string('give the blocks that its instances get addresses from, such as 10.0.1.0/24,fd00:0:0:1::/64')
    .transform((text) => text.split(','))
    .pipe(z.array(parsed(parseCidr, 'use a block such as 10.0.1.0/24'))),
  RAMPART_NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  RAMPART_NATS_USER: z.string().optional(),
  RAMPART_NATS_PASSWORD: z.string().optional(),
  RAMPART_STATE: z.string(STATE).min(1, STATE),
  RAMPART_DATAPLANE: z.enum(['kernel', 'fake']).default('kernel'),
  RAMPART_NETNS: z.string().optional(),
});

/** Throws with every variable that is wrong, its value and the fix. */
export function settingsFrom(variables: NodeJS.ProcessEnv): Settings {
  const result = environment.safeParse(variables);
  if (!result.success) {
    const lines = result.error.issues.map(({ path: [name = ''], message }) => {
      const value = variables[String(name)];
      return `${String(name)}${value === undefined ? ' is not set' : `='${value}'`}: ${message}`;
    });
    throw new Error(`the settings can't be used:\n${lines.join('\n')}`);
  }
  const { data } = result;
  return {
    hostId: data.RAMPART_HOST_ID,
    ranges: data.RAMPART_HOST_RANGES,
    nats: natsSettingsFrom(data.RAMPART_NATS_URL, data.RAMPART_NATS_USER, data.RAMPART_NATS_PASSWORD),
    stateFile: data.RAMPART_STATE,
    dataplane: data.RAMPART_DATAPLANE,
    netns: data.RAMPART_NETNS,
  };
}
