import {
  bitsOf,
  DEFAULT_GROUP_NAME,
  familyOf,
  trafficIncludes,
  type Cidr,
  type Direction,
  type Flow,
  type Peer,
  type Traffic,
} from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { GroupView, RuleView } from '../directory/views.js';
import { groupsOf, isPeer, type Side } from './side.js';

/** What a direction lacks so that the packet would pass. */
export interface Missing {
  /** The groups of the instance: a rule of any of them would do. */
  readonly groups: readonly GroupView[];
  /** The rules that come closest, the closest first; at most three. */
  readonly nearest: readonly NearMiss[];
  /** The narrowest rule that would allow it. */
  readonly permission: MissingPermission;
}

/** A rule that permits this to another peer, or something else of the same protocol, or at least to the same peer. */
export interface NearMiss {
  readonly view: RuleView;
  readonly group: GroupView;
  readonly differs: 'peer' | 'port' | 'type' | 'protocol';
}

export interface MissingPermission {
  readonly group: GroupView;
  readonly direction: Direction;
  readonly traffic: Traffic;
  /** A group of the other end's where both ends are one account's, or its address alone. */
  readonly peer: Peer;
  /** Of the group that is the peer. */
  readonly peerName?: string;
}

const SHOWN_NEAREST = 3;

export function missingFor(directory: Directory, side: Side): Missing {
  const nearest = nearestTo(directory, side);
  const group = fittest([...nearest.map((miss) => miss.group), ...side.groups]);
  if (!group) throw new Error(`instance ${side.own.instance.instanceId} wears no group that there is`);
  const { direction, flow } = side;
  const permission = { group, direction, traffic: trafficOf(flow), ...peerFor(directory, side) };
  return { groups: side.groups, nearest, permission };
}

function nearestTo(directory: Directory, { groups, direction, other, flow }: Side): readonly NearMiss[] {
  const misses = groups.flatMap((group) =>
    [...group.rules.values()]
      .filter(({ rule }) => rule.direction === direction)
      .flatMap((view): readonly (NearMiss & { readonly distance: number })[] => {
        const fits = trafficIncludes(view.rule.traffic, flow);
        const meets = isPeer(directory, view.rule.peer, other) !== false;
        if (fits) return [{ view, group, differs: 'peer', distance: FAR.peer }];
        return meets ? [{ view, group, ...differenceOf(view.rule.traffic, flow) }] : [];
      }),
  );
  return misses
    .sort((one, two) => one.distance - two.distance)
    .slice(0, SHOWN_NEAREST)
    .map(({ view, group, differs }) => ({ view, group, differs }));
}

/** Another port is nearer than any other peer, another peer nearer than another protocol. */
const FAR = { type: 65_536, peer: 65_537, protocol: 65_538 } as const;

function differenceOf(
  traffic: Traffic,
  { protocol, port }: Flow,
): { readonly differs: NearMiss['differs']; readonly distance: number } {
  if (traffic.kind === 'all' || traffic.protocol !== protocol)
    return { differs: 'protocol', distance: FAR.protocol };
  if (traffic.kind !== 'ports' || port === undefined) return { differs: 'type', distance: FAR.type };
  return { differs: 'port', distance: Math.max(traffic.from - port, port - traffic.to) };
}

/** Where a new rule would reach the fewest others: not in the group that everything wears that names none. */
const fittest = (groups: readonly GroupView[]): GroupView | undefined =>
  groups.find(({ name }) => name !== DEFAULT_GROUP_NAME) ?? groups[0];

function trafficOf({ protocol, port, type, code }: Flow): Traffic {
  switch (protocol) {
    case 6:
    case 17:
      return { kind: 'ports', protocol, from: port ?? 0, to: port ?? 65_535 };
    case 1:
    case 58:
      return {
        kind: 'icmp',
        protocol,
        ...(type === undefined ? {} : { type }),
        ...(type === undefined || code === undefined ? {} : { code }),
      };
    default:
      return { kind: 'protocol', protocol };
  }
}

function peerFor(
  directory: Directory,
  { own, other: { address, instance } }: Side,
): Pick<MissingPermission, 'peer' | 'peerName'> {
  const isOneAccounts = instance?.accountId === own.accountId;
  const group = fittest(isOneAccounts ? groupsOf(directory, instance.instance.groupIds) : []);
  if (group) {
    const { accountId, groupId, name } = group;
    return { peer: { kind: 'group', accountId, groupId }, peerName: name };
  }
  return { peer: { kind: 'cidr', cidr: `${address}/${bitsOf(familyOf(address))}` as Cidr } };
}
