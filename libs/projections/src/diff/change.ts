import type { Cidr, Event, PrefixListModified, ResourceId } from '#libs/domain';
import type { GroupView, InstanceView, PrefixListView, RuleView } from '../directory/views.js';
import { blockKey, ruleKey } from './scope.js';

/**
 * One difference between two moments. Rules, instances and blocks are what permits: one more opens something, one less
 * closes something. `through` names the rules by which an instance or a block does.
 */
export type Change =
  | {
      readonly kind: 'rule';
      readonly effect: 'opened' | 'closed';
      readonly view: RuleView;
      readonly group: GroupView;
    }
  | {
      readonly kind: 'instance';
      readonly effect: 'launched' | 'terminated';
      readonly view: InstanceView;
      readonly through: readonly RuleView[];
    }
  | {
      readonly kind: 'block';
      readonly effect: 'added' | 'removed';
      readonly list: PrefixListView;
      readonly cidr: Cidr;
      readonly through: readonly RuleView[];
    }
  | { readonly kind: 'group'; readonly effect: 'created' | 'deleted'; readonly group: GroupView }
  | { readonly kind: 'prefix-list'; readonly effect: 'created' | 'deleted'; readonly list: PrefixListView }
  | {
      readonly kind: 'label';
      readonly effect: 'changed';
      readonly what: Label;
      readonly resourceId: ResourceId;
      /** Absent where there was none, or is none any more. */
      readonly before?: string;
      readonly after?: string;
    };

/** What is said of a thing and permits nothing. */
export type Label =
  | { readonly kind: 'name' }
  | { readonly kind: 'description'; readonly cidr?: Cidr }
  | { readonly kind: 'tag'; readonly key: string };

/** What a change is about: the events of which it may be the outcome have the same key. */
export function keyOf(change: Change): string {
  switch (change.kind) {
    case 'rule':
      return `${change.effect} ${ruleKey(change.view.rule)}`;
    case 'instance':
      return `${change.effect} ${change.view.instance.instanceId}`;
    case 'block':
      return `${change.effect} ${blockKey(change.list.prefixListId, change.cidr)}`;
    case 'group':
      return `${change.effect} ${change.group.groupId}`;
    case 'prefix-list':
      return `${change.effect} ${change.list.prefixListId}`;
    case 'label':
      return labelKey(change.resourceId, change.what);
  }
}

/** The same of all that an event changes. */
export function keysOfEvent(event: Event): readonly string[] {
  switch (event.type) {
    case 'RuleAuthorized':
      return [`opened ${ruleKey(event.rule)}`];
    case 'RuleRevoked':
      return [`closed ${ruleKey(event.rule)}`];
    case 'RuleModified': {
      const { rule, before } = event;
      return [`closed ${ruleKey(before)}`, `opened ${ruleKey(rule)}`, labelKey(rule.ruleId, DESCRIPTION)];
    }
    case 'RuleDescriptionChanged':
      return [labelKey(event.ruleId, DESCRIPTION)];
    case 'InstanceLaunched':
      return [`launched ${event.instance.instanceId}`];
    case 'InstanceTerminated':
      return [`terminated ${event.instance.instanceId}`];
    case 'GroupCreated':
      return [`created ${event.groupId}`];
    case 'GroupDeleted':
      return [`deleted ${event.groupId}`];
    case 'PrefixListCreated':
      return [`created ${event.prefixListId}`];
    case 'PrefixListDeleted':
      return [`deleted ${event.prefixListId}`];
    case 'PrefixListModified':
      return keysOfModified(event);
    case 'TagsChanged': {
      const changed = [...event.set.map(({ key }) => key), ...event.removed];
      return changed.map((key) => labelKey(event.resourceId, { kind: 'tag', key }));
    }
    case 'AccountOpened':
    case 'ClientTokenUsed':
    case 'InstanceAttached':
    case 'HostEnrolled':
    case 'HostRetired':
    case 'HostTableRepaired':
      return [];
  }
}

function keysOfModified({ prefixListId, name, added, removed }: PrefixListModified): readonly string[] {
  return [
    ...removed.map(({ cidr }) => `removed ${blockKey(prefixListId, cidr)}`),
    ...added.flatMap(({ cidr }) => [
      `added ${blockKey(prefixListId, cidr)}`,
      labelKey(prefixListId, { kind: 'description', cidr }),
    ]),
    ...(name === undefined ? [] : [labelKey(prefixListId, { kind: 'name' })]),
  ];
}

const DESCRIPTION: Label = { kind: 'description' };

function labelKey(resourceId: ResourceId, what: Label): string {
  switch (what.kind) {
    case 'name':
      return `name ${resourceId}`;
    case 'description':
      return `description ${resourceId} ${what.cidr ?? ''}`;
    case 'tag':
      return `tag ${resourceId} ${what.key}`;
  }
}
