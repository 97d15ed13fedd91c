import type { Event, GroupId, PrefixListId, ResourceId, Rule } from '#libs/domain';

/** What an event is about, and what it leans on. Keys are ids; those of hosts, accounts and tokens carry their kind. */
export interface Ties {
  /** The resource whose story the event is part of. */
  readonly owner: string;
  /** Others that must be known for the event to be understood. */
  readonly names: readonly string[];
  /** What it means for the owner: it is there from now on, it goes, or neither. */
  readonly effect?: 'begins' | 'ends';
}

/** Undefined for what is history and nothing else: it changes no state. */
export function tiesOf(event: Event): Ties | undefined {
  switch (event.type) {
    case 'AccountOpened':
      return { owner: `account ${event.accountId}`, names: [], effect: 'begins' };
    case 'GroupCreated':
      return { owner: event.groupId, names: [`account ${event.accountId}`], effect: 'begins' };
    case 'GroupDeleted':
      return { owner: event.groupId, names: [], effect: 'ends' };
    case 'RuleAuthorized':
      return { owner: event.rule.ruleId, names: namedBy(event.rule), effect: 'begins' };
    case 'RuleModified':
      return { owner: event.rule.ruleId, names: namedBy(event.rule) };
    case 'RuleDescriptionChanged':
      return { owner: event.ruleId, names: [] };
    case 'RuleRevoked':
      return { owner: event.rule.ruleId, names: [], effect: 'ends' };
    case 'PrefixListCreated':
      return { owner: event.prefixListId, names: [`account ${event.accountId}`], effect: 'begins' };
    case 'PrefixListModified':
      return { owner: event.prefixListId, names: [] };
    case 'PrefixListDeleted':
      return { owner: event.prefixListId, names: [], effect: 'ends' };
    case 'TagsChanged':
      return { owner: event.resourceId satisfies ResourceId, names: [] };
    case 'ClientTokenUsed':
      return { owner: `token ${event.accountId} ${event.token}`, names: [], effect: 'begins' };
    case 'InstanceLaunched': {
      const { instanceId, hostId, accountId, groupIds } = event.instance;
      return {
        owner: instanceId,
        names: [`host ${hostId}`, `account ${accountId}`, ...groupIds],
        effect: 'begins',
      };
    }
    case 'InstanceAttached':
      return { owner: event.instanceId, names: [] };
    case 'InstanceTerminated':
      return { owner: event.instance.instanceId, names: [], effect: 'ends' };
    case 'HostEnrolled':
      return { owner: `host ${event.hostId}`, names: [], effect: 'begins' };
    case 'HostRetired':
      return { owner: `host ${event.hostId}`, names: [], effect: 'ends' };
    case 'HostTableRepaired':
      return undefined;
  }
}

function namedBy({ groupId, peer }: Rule): readonly (GroupId | PrefixListId)[] {
  switch (peer.kind) {
    case 'cidr':
      return [groupId];
    case 'group':
      return [groupId, peer.groupId];
    case 'prefix-list':
      return [groupId, peer.prefixListId];
  }
}
