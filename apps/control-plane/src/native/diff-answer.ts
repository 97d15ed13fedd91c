import type { z } from 'zod';
import { type Change, type Directory, type PrefixListView, type RuleView } from '#libs/projections';
import type { differences } from './diff-shapes.js';
import { groupAnswer, groupsWorn, nameOf, ruleAnswer, type Viewer } from './rule-answers.js';

type Answer = z.output<typeof differences>['changes'][number];

const SHOWN_RULES = 10;
const NO_EVENTS = new Map<never, never>();

/** One change; rules are told as they are in the directory where they are. */
export function changeAnswer(
  change: Change,
  [before, after]: readonly [Directory, Directory],
  viewer: Viewer,
): Answer {
  const there = ['closed', 'terminated', 'removed', 'deleted'].includes(change.effect) ? before : after;
  const { kind, effect } = change;
  switch (kind) {
    case 'rule': {
      const rule = ruleAnswer(change.view, change.group, there, viewer, NO_EVENTS);
      return { kind, effect, resourceId: rule.ruleId, rule };
    }
    case 'instance': {
      const { instance } = change.view;
      return {
        kind,
        effect,
        resourceId: instance.instanceId,
        name: nameOf(change.view),
        addresses: instance.addresses,
        groups: groupsWorn(change.view),
        through: throughAnswer(change.through, there, viewer),
      };
    }
    case 'block':
      return {
        kind,
        effect,
        ...listAnswer(change.list),
        cidr: change.cidr,
        through: throughAnswer(change.through, there, viewer),
      };
    case 'group': {
      const group = groupAnswer(change.group);
      return { kind, effect, resourceId: change.group.groupId, name: change.group.name, group };
    }
    case 'prefix-list':
      return { kind, effect, ...listAnswer(change.list) };
    case 'label':
      return labelAnswer(change);
  }
}

const listAnswer = ({ prefixListId, name }: PrefixListView): Pick<Answer, 'resourceId' | 'name'> => ({
  resourceId: prefixListId,
  name,
});

function labelAnswer({
  what,
  effect,
  resourceId,
  before,
  after,
}: Extract<Change, { kind: 'label' }>): Answer {
  const values = { effect, resourceId, before, after };
  switch (what.kind) {
    case 'name':
      return { kind: 'name', ...values };
    case 'description':
      return { kind: 'description', ...values, cidr: what.cidr };
    case 'tag':
      return { kind: 'tag', ...values, key: what.key };
  }
}

const throughAnswer = (
  views: readonly RuleView[],
  directory: Directory,
  viewer: Viewer,
): NonNullable<Answer['through']> => ({
  count: views.length,
  rules: views.slice(0, SHOWN_RULES).flatMap((view) => {
    const group = directory.groups.get(view.rule.groupId);
    return group ? [ruleAnswer(view, group, directory, viewer, NO_EVENTS)] : [];
  }),
});
