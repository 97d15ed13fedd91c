import type { Actor, Event, Instance, RecordedEvent, Rule } from '#libs/domain';

/**
 * What an event can be found by: ids and addresses as they are, and with a word before them the account, the key or the
 * host that asked, the request, the type; `own ID` for what tells of the thing itself and not only names it, `life ID`
 * for how a group came and went, and `in ID` for the instances of a group.
 */
export function touchesOf({ event, actor, requestId }: RecordedEvent): readonly string[] {
  const account = 'accountId' in event ? [`account ${event.accountId}`] : [];
  return [
    ...new Set([
      ...account,
      ...thingsOf(event),
      `type ${event.type}`,
      ...whoOf(actor),
      `request ${requestId}`,
    ]),
  ];
}

function whoOf(actor: Actor): readonly string[] {
  switch (actor.kind) {
    case 'account':
      return actor.accessKeyId === undefined ? [] : [`key ${actor.accessKeyId}`];
    case 'host':
      return [`by ${actor.hostId}`];
    case 'system':
      return [];
  }
}

function thingsOf(event: Event): readonly string[] {
  switch (event.type) {
    case 'RuleAuthorized':
    case 'RuleRevoked':
      return ofRule(event.rule);
    case 'RuleModified':
      return [...ofRule(event.rule), ...ofRule(event.before)];
    case 'RuleDescriptionChanged':
      return [event.ruleId, event.groupId, `own ${event.groupId}`];
    case 'GroupCreated':
    case 'GroupDeleted':
      return [event.groupId, `own ${event.groupId}`, `life ${event.groupId}`];
    case 'PrefixListCreated':
    case 'PrefixListModified':
    case 'PrefixListDeleted':
      return [event.prefixListId, `own ${event.prefixListId}`];
    case 'TagsChanged':
      return [event.resourceId, `own ${event.resourceId}`];
    case 'InstanceLaunched':
    case 'InstanceTerminated':
      return ofInstance(event.instance);
    case 'InstanceAttached':
      return [event.instanceId, `own ${event.instanceId}`, `host ${event.hostId}`];
    case 'HostEnrolled':
    case 'HostRetired':
    case 'HostTableRepaired':
      return [`host ${event.hostId}`, `own host ${event.hostId}`];
    case 'AccountOpened':
    case 'ClientTokenUsed':
      return [];
  }
}

function ofRule({ ruleId, groupId, peer }: Rule): readonly string[] {
  const named =
    peer.kind === 'group' ? [peer.groupId] : peer.kind === 'prefix-list' ? [peer.prefixListId] : [];
  return [ruleId, groupId, `own ${groupId}`, ...named];
}

const ofInstance = ({ instanceId, hostId, addresses, groupIds }: Instance): readonly string[] => [
  instanceId,
  `own ${instanceId}`,
  `host ${hostId}`,
  ...addresses,
  ...groupIds,
  ...groupIds.map((groupId) => `in ${groupId}`),
];

/**
 * A number that stands for such a text in the index: 53 bits of it (cyrb53, public domain). Two texts may share one,
 * so what is found by it is looked at again.
 */
export function numberOf(text: string): number {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 2654435761);
    two = Math.imul(two ^ unit, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return 4294967296 * (2097151 & two) + (one >>> 0);
}
