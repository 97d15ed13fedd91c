import { z } from 'zod';
import type { Bus, BusMessage } from '#libs/bus';
import {
  parseAccountId,
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
import { checked } from '../commands/checked.js';
import { group, parsed } from '../commands/service-values.js';
import { hostOf } from './host-of.js';

type InstanceOf = (instanceId: InstanceId) => Instance | undefined;

const id = parsed(parseInstanceId, 'use an id such as i-1a2b3c4d');
const name = z.string().regex(/^[\x21-\x7e]{1,15}$/, 'use a name of up to 15 bytes');
/** What it doesn't know is passed over: an agent may be newer than its control plane. */
const announcement = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('attach'),
    accountId: parsed(parseAccountId, 'use 12 digits'),
    groups: z.array(group),
    interfaceName: name,
    address: parsed(parseIpAddress, 'use an IPv4 or IPv6 address').optional(),
  }),
  z.object({ type: z.literal('reattach'), instanceId: id, interfaceName: name }),
  z.object({ type: z.literal('detach'), instanceId: id }),
]);
type Announcement = z.output<typeof announcement>;
type Attachment = Extract<Announcement, { type: 'attach' }>;

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
  const asked = checked(announcement, JSON.parse(message.text), { whole: 'the announcement' });
  if (asked.complaint !== undefined)
    return { accepted: false, code: 'AnnouncementMalformed', message: asked.complaint };
  const wish = asked.value;
  await commands.catchUp();
  const there = wish.type === 'attach' ? undefined : instanceOf(wish.instanceId);
  if (wish.type !== 'attach' && there?.hostId !== hostId)
    return { accepted: false, code: 'InstanceUnknown', message: `${wish.instanceId} is not on ${hostId}` };
  const command = commandFor(wish, hostId, there);
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
  const { instanceId, addresses } = instance;
  const { interfaceName } = wish.type === 'detach' ? instance : wish;
  return { accepted: true, instanceId, interfaceName, addresses };
}

/** Of an instance that is there already, unless it is to be launched. */
function commandFor(wish: Announcement, hostId: HostId, there: Instance | undefined): Command {
  switch (wish.type) {
    case 'attach':
      return launchOn(hostId, wish);
    case 'reattach':
      return { ...wish, type: 'AttachInstance', hostId };
    case 'detach':
      if (!there) throw new TypeError(`${wish.instanceId} is not on ${hostId}`);
      return terminate(there);
  }
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
    groups,
    imageId: 'ami-rampart',
    instanceType: 'rampart',
    hostId,
    interfaceName,
    ...(address ? { address } : {}),
  };
}
