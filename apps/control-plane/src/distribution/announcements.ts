import { z } from 'zod';
import type { Bus, BusMessage } from '#libs/bus';
import {
  parseAccountId,
  parseGroupId,
  parseInstanceId,
  parseIpAddress,
  type Command,
  type HostId,
  type Instance,
  type InstanceId,
} from '#libs/domain';
import { announceSubject, ec2ErrorFrom, type AnnounceReply } from '#libs/protocol';
import type { CommandHandler } from '../commands/command-handler.js';
import { newId } from '../commands/new-ids.js';
import { hostOf } from './host-of.js';

type InstanceOf = (instanceId: InstanceId) => Instance | undefined;

const parsed = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context) => {
    const value = parse(text);
    if (value === undefined) context.addIssue(`'${text}' is not understood`);
    return value ?? z.NEVER;
  });

const announcement = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('attach'),
    accountId: parsed(parseAccountId),
    groups: z.array(z.string()),
    interfaceName: z.string().regex(/^[\x21-\x7e]{1,15}$/, 'use a name of up to 15 bytes'),
    address: parsed(parseIpAddress).optional(),
  }),
  z.object({ type: z.literal('detach'), instanceId: parsed(parseInstanceId) }),
]);
type Attachment = Extract<z.output<typeof announcement>, { type: 'attach' }>;

/** Instances that hosts announce by themselves. Which hosts may is NATS's to permit: each on its own subject. */
export function answerAnnouncements(bus: Bus, commands: CommandHandler, instanceOf: InstanceOf): void {
  const refused = (code: string, message: string): AnnounceReply => ({ accepted: false, code, message });
  bus.subscribe(
    announceSubject('*' as never),
    (message) =>
      void answer(message, commands, instanceOf)
        .catch((error: unknown) => refused('Unavailable', String(error)))
        .then((reply) => message.respond(JSON.stringify(reply))),
    { queue: 'control-plane' },
  );
}

async function answer(
  message: BusMessage,
  commands: CommandHandler,
  instanceOf: InstanceOf,
): Promise<AnnounceReply> {
  const hostId = hostOf(message);
  if (!hostId) throw new TypeError(`no host asks on ${message.subject}`);
  const wish = announcement.parse(JSON.parse(message.text));
  const there = wish.type === 'detach' ? instanceOf(wish.instanceId) : undefined;
  if (wish.type === 'detach' && there?.hostId !== hostId)
    return { accepted: false, code: 'InstanceUnknown', message: `${wish.instanceId} is not on ${hostId}` };
  const command = wish.type === 'attach' ? launchOn(hostId, wish) : there && terminate(there);
  if (!command) throw new Error('there is nothing to do');
  const outcome = await commands.handle(command, {
    actor: { kind: 'host', hostId },
    requestId: `announce ${hostId}`,
  });
  if (!outcome.accepted)
    return { accepted: false, code: outcome.refusal.code, message: ec2ErrorFrom(outcome.refusal).message };
  const launched = outcome.events.flatMap(({ event }) =>
    event.type === 'InstanceLaunched' ? event.instance : [],
  );
  const instance = there ?? launched[0];
  if (!instance) throw new Error('nothing was launched');
  const { instanceId, interfaceName, addresses } = instance;
  return { accepted: true, instanceId, interfaceName, addresses };
}

const terminate = ({ accountId, instanceId }: Instance): Command => ({
  type: 'TerminateInstances',
  accountId,
  instanceIds: [instanceId],
});

function launchOn(hostId: HostId, { accountId, groups, interfaceName, address }: Attachment): Command {
  return {
    type: 'LaunchInstances',
    accountId,
    reservationId: newId('r'),
    instanceIds: [newId('i')],
    atLeast: 1,
    groups: groups.map((text) => {
      const groupId = parseGroupId(text);
      return groupId ? { groupId } : { groupName: text };
    }),
    imageId: 'ami-rampart',
    instanceType: 'rampart',
    hostId,
    interfaceName,
    ...(address ? { address } : {}),
  };
}
