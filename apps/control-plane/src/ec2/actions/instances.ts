import {
  parseHostId,
  parseInstanceId,
  parseIpAddress,
  type GroupReference,
  type HostId,
  type InstanceId,
  type IpAddress,
} from '#libs/domain';
import type { InstanceView } from '#libs/projections';
import { Ec2Error, ec2ErrorFrom, missingParameter, type QueryParameters } from '#libs/protocol';
import { newId } from '../../commands/new-ids.js';
import type { Action } from '../action.js';
import { select, selectFrom, type FilterTable } from '../filters.js';
import { groupIdFrom } from '../group-parameters.js';
import { reservationXml, RUNNING, SHUTTING_DOWN, stateOf, TERMINATED } from '../instance-xml.js';
import { pageOf } from '../pages.js';

/** Launched at once at the most; EC2's own default for RunInstances is lower. */
const MOST_AT_ONCE = 1000;
/** "Terminated instances remain visible for a short while": about an hour. */
const SHOWN_AFTER_TERMINATION_MS = 60 * 60 * 1000;

export const runInstances: Action = async (parameters, context) => {
  const { accountId } = context.account;
  const imageId = parameters.text('ImageId');
  if (imageId === undefined) throw missingParameter('ImageId');
  const { atLeast, atMost } = countsFrom(parameters);
  const [keyName, host, address] = [
    parameters.text('KeyName'),
    hostFrom(parameters),
    addressFrom(parameters),
  ];
  const events = await context.execute({
    type: 'LaunchInstances',
    accountId,
    reservationId: newId('r'),
    instanceIds: Array.from({ length: atMost }, () => newId<'InstanceId'>('i')),
    atLeast,
    groups: groupsFrom(parameters),
    imageId,
    instanceType: parameters.text('InstanceType') ?? 'm1.small',
    ...(keyName === undefined ? {} : { keyName }),
    ...(host === undefined ? {} : { hostId: host }),
    ...(address === undefined ? {} : { address }),
  });
  const views = events.flatMap(({ event }) =>
    event.type === 'InstanceLaunched'
      ? (context.directory.instances.get(event.instance.instanceId) ?? [])
      : [],
  );
  return reservationXml(views, context);
};

const FILTERS: FilterTable<InstanceView> = {
  'instance-id': ({ instance }) => [instance.instanceId],
  'instance-state-name': (view) => [stateOf(view).name],
  'instance-state-code': (view) => [String(stateOf(view).code)],
  'instance.group-id': ({ instance }) => instance.groupIds,
  'image-id': ({ instance }) => [instance.imageId],
  'instance-type': ({ instance }) => [instance.instanceType],
  'key-name': ({ instance }) => [instance.keyName],
  'owner-id': ({ instance }) => [instance.accountId],
  'private-ip-address': ({ instance }) => instance.addresses,
  'reservation-id': ({ instance }) => [instance.reservationId],
  'host-id': ({ instance }) => [instance.hostId],
};

export const describeInstances: Action = (parameters, context) => {
  const { account, directory, now } = context;
  const isShown = ({ terminatedAt }: InstanceView): boolean =>
    terminatedAt === undefined || now.getTime() - Date.parse(terminatedAt) < SHOWN_AFTER_TERMINATION_MS;
  const ids = parameters.list('InstanceId').map(instanceIdFrom);
  const named = [...new Set(ids)].flatMap((id) => directory.instances.get(id) ?? []).filter(isShown);
  const found = new Set(named.filter((view) => view.accountId === account.accountId));
  const unknown = ids.filter((id) => !found.values().some(({ instance }) => instance.instanceId === id));
  if (unknown.length > 0) throw ec2ErrorFrom({ code: 'InstanceUnknown', instanceIds: unknown });
  const wanted =
    ids.length > 0
      ? selectFrom(found, parameters, FILTERS)
      : select(directory.instances, account.accountId, parameters, FILTERS).filter(isShown);
  const page = pageOf(wanted, parameters);
  const reservations = Map.groupBy(page.things, ({ instance }) => instance.reservationId);
  return {
    reservationSet: [...reservations.values()].map((views) => reservationXml(views, context)),
    nextToken: page.nextToken,
  };
};

export const terminateInstances: Action = async (parameters, { account, execute }) => {
  const instanceIds = parameters.list('InstanceId').map(instanceIdFrom);
  if (instanceIds.length === 0) throw missingParameter('InstanceId');
  const events = await execute({ type: 'TerminateInstances', accountId: account.accountId, instanceIds });
  const ended = new Set(
    events.flatMap(({ event }) => (event.type === 'InstanceTerminated' ? event.instance.instanceId : [])),
  );
  return {
    instancesSet: [...new Set(instanceIds)].map((instanceId) => ({
      instanceId,
      currentState: ended.has(instanceId) ? SHUTTING_DOWN : TERMINATED,
      previousState: ended.has(instanceId) ? RUNNING : TERMINATED,
    })),
  };
};

function countsFrom(parameters: QueryParameters): { readonly atLeast: number; readonly atMost: number } {
  const [atLeast, atMost] = ['MinCount', 'MaxCount'].map((name) => {
    const text = parameters.text(name);
    if (text === undefined) throw missingParameter(name);
    const count = Number(text);
    if (!/^\d{1,6}$/.test(text) || count < 1 || count > MOST_AT_ONCE)
      throw new Ec2Error(
        'InvalidParameterValue',
        `Value (${text}) for parameter ${name} is invalid: use 1 to ${MOST_AT_ONCE}`,
      );
    return count;
  }) as [number, number];
  if (atLeast > atMost)
    throw new Ec2Error('InvalidParameterValue', `MinCount (${atLeast}) is above MaxCount (${atMost})`);
  return { atLeast, atMost };
}

/** Groups stand at the request's top, or at its network interface, where the AWS CLI puts them with an address. */
function groupsFrom(parameters: QueryParameters): readonly GroupReference[] {
  const ids = [
    ...parameters.list('SecurityGroupId'),
    ...parameters.within('NetworkInterface.1').list('SecurityGroupId'),
  ];
  return [
    ...ids.map((text) => ({ groupId: groupIdFrom(text) })),
    ...parameters.list('SecurityGroup').map((groupName) => ({ groupName })),
  ];
}

function hostFrom(parameters: QueryParameters): HostId | undefined {
  const text = parameters.text('Placement.HostId');
  const hostId = text === undefined ? undefined : parseHostId(text);
  if (text !== undefined && !hostId)
    throw new Ec2Error(
      'InvalidHostID.Malformed',
      `The host ID '${text}' is malformed: use the name of a host`,
    );
  return hostId;
}

function addressFrom(parameters: QueryParameters): IpAddress | undefined {
  const text = parameters.text('PrivateIpAddress') ?? parameters.text('NetworkInterface.1.PrivateIpAddress');
  const address = text === undefined ? undefined : parseIpAddress(text);
  if (text !== undefined && !address)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${text}) for parameter PrivateIpAddress is invalid: use an IP address`,
    );
  return address;
}

function instanceIdFrom(text: string): InstanceId {
  const instanceId = parseInstanceId(text);
  if (!instanceId) throw new Ec2Error('InvalidInstanceID.Malformed', `Invalid id: "${text}"`);
  return instanceId;
}
