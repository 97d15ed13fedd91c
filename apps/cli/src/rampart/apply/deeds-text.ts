import type { Effect, Event, GroupId, RuleId } from '#libs/domain';

/** What a change set can lead to: how it is told before, what is counted afterwards, and how that is told. */
const WORDS = {
  GroupCreated: ['create', 'group', 'created'],
  GroupDeleted: ['delete', 'group', 'deleted'],
  RuleAuthorized: ['authorize', 'rule', 'authorized'],
  RuleRevoked: ['revoke', 'rule', 'revoked'],
  RuleModified: ['modify', 'rule', 'modified'],
  RuleDescriptionChanged: ['describe', 'description', 'changed'],
  TagsChanged: ['tag', 'tag', 'changed'],
} as const satisfies Partial<Record<Event['type'], readonly [string, string, string]>>;

type Deed = Extract<Event, { readonly type: keyof typeof WORDS }>;
type RuleDeed = Extract<Deed, { readonly rule: unknown }>;

const isDeed = (event: Event): event is Deed => Object.hasOwn(WORDS, event.type);
const isOfRule = (event: Deed): event is RuleDeed => 'rule' in event;

/** A line for each thing that would be done; rules are counted by group, as what they open and close is told apart. */
export function wouldText(events: readonly Event[], effect: Effect): string {
  const deeds = events.filter(isDeed);
  const lines = [...deeds.flatMap(linesOf), ...ruleLines(deeds.filter(isOfRule), namesIn(events, effect))];
  return lines.map((line) => `would ${line.replaceAll(/\s+/g, ' ')}\n`).join('');
}

/** `1 group created, 4 rules authorized`. */
export const doneText = (events: readonly Event[]): string =>
  [...Map.groupBy(events.filter(isDeed), ({ type }) => type)]
    .map(([type, all]) => {
      const [, noun, done] = WORDS[type];
      return `${counted(sum(all.map(sizeOf)), noun)} ${done}`;
    })
    .join(', ');

function linesOf(event: Deed): readonly string[] {
  switch (event.type) {
    case 'GroupCreated':
    case 'GroupDeleted':
      return [`${WORDS[event.type][0]} group ${event.name}`];
    case 'TagsChanged':
      return [
        ...event.removed.map((key) => `remove tag ${key} from ${event.resourceId}`),
        ...event.set.map(({ key, value }) => `set tag ${key}=${value} on ${event.resourceId}`),
      ];
    case 'RuleDescriptionChanged':
      return [describing(event.ruleId, event.description)];
    case 'RuleAuthorized':
    case 'RuleRevoked':
    case 'RuleModified':
      return [];
  }
}

const describing = (ruleId: RuleId, description: string | undefined): string =>
  description === undefined
    ? `remove the description of ${ruleId}`
    : `describe ${ruleId} as '${description}'`;

function ruleLines(deeds: readonly RuleDeed[], names: ReadonlyMap<GroupId, string>): readonly string[] {
  const kinds = Map.groupBy(deeds, ({ type, rule }) => `${type} ${rule.groupId}`);
  return [...kinds.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { groupId } = first.rule;
    return `${WORDS[first.type][0]} ${counted(1 + others.length, 'rule')} of ${names.get(groupId) ?? groupId}`;
  });
}

/** Of the groups that the answer names. */
const namesIn = (events: readonly Event[], effect: Effect): ReadonlyMap<GroupId, string> =>
  new Map(
    [
      ...events.filter((event) => event.type === 'GroupCreated' || event.type === 'GroupDeleted'),
      ...effect.withoutInstances,
      ...effect.instances.flatMap(({ groups }) => groups),
    ].map(({ groupId, name }) => [groupId, name]),
  );

const sizeOf = (event: Deed): number =>
  event.type === 'TagsChanged' ? event.set.length + event.removed.length : 1;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
