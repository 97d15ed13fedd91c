import { peerKey, type ResourceId, type Tags } from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { RuleView } from '../directory/views.js';
import type { Change, Label } from './change.js';
import { picturesOf, type Picture, type Scope } from './scope.js';

/**
 * What is different after: first what permits, then what groups and lists there are, then what they and others are
 * called. What came and went in between shows in the log only.
 */
export function diff(before: Directory, after: Directory, scope: Scope): readonly Change[] {
  const [one, other] = picturesOf([before, after], scope);
  const [was, is] = [new Naming(one), new Naming(other)];
  return [
    ...rules(one, other),
    ...instances(one, other, was, is),
    ...blocks(one, other, was, is),
    ...things(one, other),
    ...labels(one, other),
  ];
}

/** The rules that name a group or a list as their peer. */
class Naming {
  readonly #rules: ReadonlyMap<string, readonly RuleView[]>;

  constructor({ rules: all }: Picture) {
    this.#rules = Map.groupBy(all.values(), ({ rule }) => peerKey(rule.peer));
  }

  naming(...ids: readonly string[]): readonly RuleView[] {
    return ids.flatMap((id) => this.#rules.get(id) ?? []);
  }
}

function rules(before: Picture, after: Picture): readonly Change[] {
  const changes = (effect: 'opened' | 'closed', views: readonly RuleView[], { groups }: Picture) =>
    views.flatMap((view): readonly Change[] => {
      const group = groups.get(view.rule.groupId);
      return group ? [{ kind: 'rule', effect, view, group }] : [];
    });
  return [
    ...changes('opened', onlyIn(after.rules, before.rules), after),
    ...changes('closed', onlyIn(before.rules, after.rules), before),
  ];
}

const instances = (before: Picture, after: Picture, was: Naming, is: Naming): readonly Change[] => [
  ...onlyIn(after.instances, before.instances).map((view): Change => {
    const through = is.naming(...view.instance.groupIds);
    return { kind: 'instance', effect: 'launched', view, through };
  }),
  ...onlyIn(before.instances, after.instances).map((view): Change => {
    const through = was.naming(...view.instance.groupIds);
    return { kind: 'instance', effect: 'terminated', view, through };
  }),
];

/** Of lists that are there at both moments: others come and go with all that is in them. */
const blocks = (before: Picture, after: Picture, was: Naming, is: Naming): readonly Change[] => [
  ...onlyIn(after.blocks, before.blocks)
    .filter(({ list }) => before.lists.has(list.prefixListId))
    .map(({ list, entry: { cidr } }): Change => {
      return { kind: 'block', effect: 'added', list, cidr, through: is.naming(list.prefixListId) };
    }),
  ...onlyIn(before.blocks, after.blocks)
    .filter(({ list }) => after.lists.has(list.prefixListId))
    .map(({ list, entry: { cidr } }): Change => {
      return { kind: 'block', effect: 'removed', list, cidr, through: was.naming(list.prefixListId) };
    }),
];

const things = (before: Picture, after: Picture): readonly Change[] => [
  ...onlyIn(after.groups, before.groups).map((group): Change => {
    return { kind: 'group', effect: 'created', group };
  }),
  ...onlyIn(before.groups, after.groups).map((group): Change => {
    return { kind: 'group', effect: 'deleted', group };
  }),
  ...onlyIn(after.lists, before.lists).map((list): Change => {
    return { kind: 'prefix-list', effect: 'created', list };
  }),
  ...onlyIn(before.lists, after.lists).map((list): Change => {
    return { kind: 'prefix-list', effect: 'deleted', list };
  }),
];

/** Of what is there at both moments. */
const labels = (before: Picture, after: Picture): readonly Change[] => [
  ...inBoth(before.rules, after.rules).flatMap(([was, is]) => [
    ...label(is.rule.ruleId, { kind: 'description' }, was.rule.description, is.rule.description),
    ...tags(is.rule.ruleId, was.tags, is.tags),
  ]),
  ...inBoth(before.groups, after.groups).flatMap(([was, is]) => tags(is.groupId, was.tags, is.tags)),
  ...inBoth(before.instances, after.instances).flatMap(([was, is]) =>
    tags(is.instance.instanceId, was.tags, is.tags),
  ),
  ...inBoth(before.lists, after.lists).flatMap(([was, is]) => [
    ...label(is.prefixListId, { kind: 'name' }, was.name, is.name),
    ...tags(is.prefixListId, was.tags, is.tags),
  ]),
  ...inBoth(before.blocks, after.blocks).flatMap(([{ entry: was }, { list, entry: is }]) =>
    label(list.prefixListId, { kind: 'description', cidr: is.cidr }, was.description, is.description),
  ),
];

function label(
  resourceId: ResourceId,
  what: Label,
  before: string | undefined,
  after: string | undefined,
): readonly Change[] {
  if (before === after) return [];
  const values = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  return [{ kind: 'label', effect: 'changed', what, resourceId, ...values }];
}

const tags = (resourceId: ResourceId, before: Tags, after: Tags): readonly Change[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((key) =>
    label(resourceId, { kind: 'tag', key }, before.get(key), after.get(key)),
  );

const onlyIn = <Key, Value>(
  these: ReadonlyMap<Key, Value>,
  those: ReadonlyMap<Key, Value>,
): readonly Value[] => [...these].flatMap(([key, value]) => (those.has(key) ? [] : [value]));

const inBoth = <Key, Value>(
  these: ReadonlyMap<Key, Value>,
  those: ReadonlyMap<Key, Value>,
): readonly (readonly [Value, Value])[] =>
  [...these].flatMap(([key, value]) => {
    const other = those.get(key);
    return other === undefined ? [] : [[value, other] as const];
  });
