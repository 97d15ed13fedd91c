import { peerKey, type PrefixListEntry, type ResourceId, type Tags } from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { PrefixListView, RuleView } from '../directory/views.js';
import type { Change, Label } from './change.js';
import { picturesOf, ruleKey, type Picture, type Scope, type Things } from './scope.js';

/**
 * What is different after: first what permits, then what groups and lists there are, then what they and others are
 * called. What came and went in between shows in the log only. Costs a look at each thing, and more for what differs.
 */
export function diff(before: Directory, after: Directory, scope: Scope): readonly Change[] {
  const [one, other] = picturesOf(before, after, scope);
  const opening = [...launched(one, other), ...blocks('added', other, one)];
  const closing = [...terminated(one, other), ...blocks('removed', one, other)];
  return [
    ...rules(one, other),
    ...throughRules(opening, other),
    ...throughRules(closing, one),
    ...things(one, other),
    ...labels(one, other),
  ];
}

/** The same permission under another id is no difference. */
function rules(before: Picture, after: Picture): readonly Change[] {
  const changed = (these: Picture, those: Picture): ReadonlyMap<string, RuleView> =>
    new Map(
      these.rules
        .values()
        .filter(({ rule, since }) => those.rules.get(rule.ruleId)?.since !== since)
        .map((view) => [ruleKey(view.rule), view]),
    );
  const [gone, come] = [changed(before, after), changed(after, before)];
  return [...rulesOnlyIn(come, gone, 'opened', after), ...rulesOnlyIn(gone, come, 'closed', before)];
}

const rulesOnlyIn = (
  these: ReadonlyMap<string, RuleView>,
  those: ReadonlyMap<string, RuleView>,
  effect: 'opened' | 'closed',
  { groups }: Picture,
): readonly Change[] =>
  [...these].flatMap(([key, view]): readonly Change[] => {
    const group = groups.get(view.rule.groupId);
    return group && !those.has(key) ? [{ kind: 'rule', effect, view, group }] : [];
  });

type Through = Extract<Change, { readonly through: unknown }>;

const launched = (before: Picture, after: Picture): readonly Through[] =>
  onlyIn(after.instances, before.instances, ({ instance }) => instance.instanceId).map((view) => {
    return { kind: 'instance', effect: 'launched', view, through: [] };
  });

const terminated = (before: Picture, after: Picture): readonly Through[] =>
  onlyIn(before.instances, after.instances, ({ instance }) => instance.instanceId).map((view) => {
    return { kind: 'instance', effect: 'terminated', view, through: [] };
  });

/** Of lists that are there at both moments: others come and go with all that is in them. */
const blocks = (effect: 'added' | 'removed', { lists }: Picture, others: Picture): readonly Through[] =>
  lists
    .values()
    .flatMap((list) => {
      const other = others.lists.get(list.prefixListId);
      if (!other || other.version === list.version) return [];
      const cidrs = list.entries.keys().filter((cidr) => !other.entries.has(cidr));
      return cidrs.map((cidr): Through => ({ kind: 'block', effect, list, cidr, through: [] }));
    })
    .toArray();

/** With the rules that name what has changed as their peer. */
function throughRules(changes: readonly Through[], { rules: all }: Picture): readonly Change[] {
  if (changes.length === 0) return [];
  const namedBy = (change: Through): readonly string[] =>
    change.kind === 'block' ? [change.list.prefixListId] : change.view.instance.groupIds;
  const wanted = new Set(changes.flatMap(namedBy));
  const naming = Map.groupBy(
    all.values().filter(({ rule }) => wanted.has(peerKey(rule.peer))),
    ({ rule }): string => peerKey(rule.peer),
  );
  return changes.map((change) => ({
    ...change,
    through: namedBy(change).flatMap((id) => naming.get(id) ?? []),
  }));
}

function things(before: Picture, after: Picture): readonly Change[] {
  const groups = (effect: 'created' | 'deleted', these: Picture, those: Picture): readonly Change[] =>
    onlyIn(these.groups, those.groups, ({ groupId }) => groupId).map((group) => {
      return { kind: 'group', effect, group };
    });
  const lists = (effect: 'created' | 'deleted', these: Picture, those: Picture): readonly Change[] =>
    onlyIn(these.lists, those.lists, ({ prefixListId }) => prefixListId).map((list) => {
      return { kind: 'prefix-list', effect, list };
    });
  return [
    ...groups('created', after, before),
    ...groups('deleted', before, after),
    ...lists('created', after, before),
    ...lists('deleted', before, after),
  ];
}

/** Of what is there at both moments. */
const labels = (before: Picture, after: Picture): readonly Change[] => [
  ...inBoth(
    before.rules,
    after.rules,
    ({ rule }) => rule.ruleId,
    (was, is, id) => [
      ...label(id, { kind: 'description' }, was.rule.description, is.rule.description),
      ...tags(id, was.tags, is.tags),
    ],
  ),
  ...inBoth(
    before.groups,
    after.groups,
    ({ groupId }) => groupId,
    (was, is, id) => tags(id, was.tags, is.tags),
  ),
  ...inBoth(
    before.instances,
    after.instances,
    ({ instance }) => instance.instanceId,
    (was, is, id) => tags(id, was.tags, is.tags),
  ),
  ...inBoth(before.lists, after.lists, ({ prefixListId }) => prefixListId, listLabels),
];

function listLabels(was: PrefixListView, is: PrefixListView): readonly Change[] {
  const { prefixListId: id } = is;
  const describe = (entry: PrefixListEntry): readonly Change[] => {
    const { cidr, description } = entry;
    const other = was.entries.get(cidr);
    return other ? label(id, { kind: 'description', cidr }, other.description, description) : [];
  };
  const entries = was.version === is.version ? [] : [...is.entries.values()];
  return [
    ...label(id, { kind: 'name' }, was.name, is.name),
    ...tags(id, was.tags, is.tags),
    ...entries.flatMap(describe),
  ];
}

const NOTHING: readonly never[] = [];

function label(
  resourceId: ResourceId,
  what: Label,
  before: string | undefined,
  after: string | undefined,
): readonly Change[] {
  if (before === after) return NOTHING;
  const values = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  return [{ kind: 'label', effect: 'changed', what, resourceId, ...values }];
}

function tags(resourceId: ResourceId, before: Tags, after: Tags): readonly Change[] {
  if (before.size + after.size === 0) return NOTHING;
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].flatMap((key) => label(resourceId, { kind: 'tag', key }, before.get(key), after.get(key)));
}

const onlyIn = <Id, Thing>(
  these: Things<Id, Thing>,
  those: Things<Id, Thing>,
  idOf: (thing: Thing) => Id,
): readonly Thing[] =>
  these
    .values()
    .filter((thing) => !those.get(idOf(thing)))
    .toArray();

const inBoth = <Id, Thing>(
  these: Things<Id, Thing>,
  those: Things<Id, Thing>,
  idOf: (thing: Thing) => Id,
  compare: (was: Thing, is: Thing, id: Id) => readonly Change[],
): IteratorObject<Change> =>
  these.values().flatMap((was) => {
    const is = those.get(idOf(was));
    return is === undefined ? NOTHING : compare(was, is, idOf(was));
  });
