import {
  type AccountId,
  type GroupId,
  type HostId,
  type Instance,
  type InstanceId,
  type IpAddress,
  type PrefixListId,
  type RecordedEvent,
  type Rule,
} from '#libs/domain';

/** What matters at the moment asked about, and touches all things of at least one of the lists: the rarest first. */
export type Touching = (lists: readonly (readonly string[])[]) => Promise<readonly RecordedEvent[]>;

/**
 * The events that a directory of just these ends is made of: the instances, the rules of their groups, the members and
 * blocks that those name, and whatever these lean on.
 */
export async function sliceOf(
  ends: readonly (InstanceId | IpAddress)[],
  touching: Touching,
): Promise<readonly RecordedEvent[]> {
  const launches = await touching(ends.map((end) => [end, 'type InstanceLaunched']));
  const instances = instancesIn(launches);
  const worn = [...new Set(instances.flatMap(({ groupIds }) => groupIds))];
  const [stories, ruleEvents] = await Promise.all([
    touching(instances.map(({ instanceId }) => [`own ${instanceId}`])),
    touching(worn.map((groupId) => [`own ${groupId}`])),
  ]);
  const rules = rulesIn(ruleEvents);
  const lists = await touching(prefixListsOf(rules).map((list) => [`own ${list}`]));
  const members = await touching(groupPeersOf(rules).map((groupId) => [`in ${groupId}`]));
  const known = [...stories, ...ruleEvents, ...lists, ...members];
  return inOrder([...known, ...(await baseOf([...instances, ...instancesIn(members)], rules, touching))]);
}

/** The groups, hosts and accounts without which the rest is not understood. */
async function baseOf(
  instances: readonly Instance[],
  rules: readonly Rule[],
  touching: Touching,
): Promise<readonly RecordedEvent[]> {
  const hosts = new Set<HostId>(instances.map(({ hostId }) => hostId));
  const groups = new Set<GroupId>([...instances.flatMap(({ groupIds }) => groupIds), ...groupPeersOf(rules)]);
  const events = await touching([
    ...[...hosts].map((hostId) => [`own host ${hostId}`]),
    ...[...groups].map((groupId) => [`life ${groupId}`]),
  ]);
  const accounts = new Set<AccountId>(
    events.flatMap(({ event }) => (event.type === 'GroupCreated' ? event.accountId : [])),
  );
  return [
    ...events,
    ...(await touching([...accounts].map((accountId) => ['type AccountOpened', `account ${accountId}`]))),
  ];
}

const instancesIn = (events: readonly RecordedEvent[]): readonly Instance[] =>
  events.flatMap(({ event }) => (event.type === 'InstanceLaunched' ? event.instance : []));

const rulesIn = (events: readonly RecordedEvent[]): readonly Rule[] =>
  events.flatMap(({ event }) => ('rule' in event ? event.rule : []));

const groupPeersOf = (rules: readonly Rule[]): readonly GroupId[] => [
  ...new Set(rules.flatMap(({ peer }) => (peer.kind === 'group' ? peer.groupId : []))),
];

const prefixListsOf = (rules: readonly Rule[]): readonly PrefixListId[] => [
  ...new Set(rules.flatMap(({ peer }) => (peer.kind === 'prefix-list' ? peer.prefixListId : []))),
];

function inOrder(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const byPosition = new Map(events.map((recorded) => [recorded.position, recorded]));
  return [...byPosition.values()].sort((one, other) => one.position - other.position);
}
