import { parseInstanceId, type InstanceId } from '#libs/domain';
import { Ec2Error } from '#libs/protocol';
import type { Action } from '../action.js';
import { select, selectFrom } from '../filters.js';
import { interfaceFilters } from '../instance-filters.js';
import { privateDnsNameOf } from '../instance-xml.js';
import { attachmentXml, interfaceXml } from '../interface-xml.js';
import { networkOf } from '../network.js';
import { pageOf } from '../pages.js';

/** There is one for each running instance, and none without. */
export const describeNetworkInterfaces: Action = (parameters, context) => {
  const { account, directory, region } = context;
  const filters = interfaceFilters(region);
  const named = parameters.list('NetworkInterfaceId').map((id) => {
    const view = directory.instances.get(instanceIdOf(id));
    if (view?.accountId === account.accountId && view.terminatedAt === undefined) return view;
    throw new Ec2Error(
      'InvalidNetworkInterfaceID.NotFound',
      `The networkInterface ID '${id}' does not exist`,
    );
  });
  const wanted =
    named.length > 0
      ? selectFrom(new Set(named), parameters, filters)
      : select(directory.instances, account.accountId, parameters, filters);
  const running = wanted.filter(({ terminatedAt }) => terminatedAt === undefined);
  const page = pageOf(running, parameters);
  const place = { network: networkOf(account, region), region };
  return {
    networkInterfaceSet: page.things.map((view) => {
      const { instanceId, accountId, addresses } = view.instance;
      return {
        ...interfaceXml(view, place),
        availabilityZone: place.network.zone,
        requesterManaged: false,
        privateDnsName: privateDnsNameOf(addresses.find((one) => one.includes('.'))),
        attachment: { ...attachmentXml(view), instanceId, instanceOwnerId: accountId },
        tagSet: [],
      };
    }),
    nextToken: page.nextToken,
  };
};

function instanceIdOf(interfaceId: string): InstanceId {
  const instanceId = interfaceId.startsWith('eni-') ? parseInstanceId(interfaceId.slice(2)) : undefined;
  if (instanceId) return instanceId;
  throw new Ec2Error('InvalidNetworkInterfaceId.Malformed', `Invalid id: "${interfaceId}"`);
}
