import {
  NO_TAGS,
  withDescription,
  type AccountId,
  type GroupCreated,
  type GroupDeleted,
  type GroupId,
  type LogPosition,
  type Rule,
  type RuleId,
  type Tags,
  type VpcId,
} from '#libs/domain';
import { Collection } from './collection.js';
import { found } from './found.js';
import type { GroupView, RuleView } from './views.js';

type Mutable<View> = { -readonly [Key in keyof View]: View[Key] };
interface GroupEntry extends Mutable<GroupView> {
  rules: Map<RuleId, Mutable<RuleView>>;
}

/** Groups by id, by name and by owner, with their rules. */
export class Groups {
  readonly collection = new Collection<GroupId, GroupEntry>();
  readonly #byName = new Map<string, GroupEntry>();
  readonly rules = new Collection<RuleId, Mutable<RuleView>>();

  named(accountId: AccountId, name: string): GroupView | undefined {
    return this.#byName.get(nameKey(accountId, name));
  }

  create({ accountId, groupId, name, description }: GroupCreated, vpcId: VpcId, position: LogPosition): void {
    const entry = { groupId, accountId, position, vpcId, name, description, rules: new Map(), tags: NO_TAGS };
    this.collection.add(groupId, entry);
    this.#byName.set(nameKey(accountId, name), entry);
  }

  delete({ accountId, groupId, name }: GroupDeleted): void {
    this.collection.remove(groupId);
    this.#byName.delete(nameKey(accountId, name));
  }

  authorize(rule: Rule, position: LogPosition): void {
    const group = found(this.collection.get(rule.groupId));
    const { accountId } = group;
    const peerName = this.#peerName(rule, accountId);
    const view = { rule, peerName, accountId, position, since: position, tags: NO_TAGS };
    group.rules.set(rule.ruleId, view);
    this.rules.add(rule.ruleId, view);
    this.collection.changed(group);
  }

  revoke({ ruleId, groupId }: Rule): void {
    const group = found(this.collection.get(groupId));
    group.rules.delete(ruleId);
    this.rules.remove(ruleId);
    this.collection.changed(group);
  }

  /** It permits something else from now on; its id stays. */
  modify(rule: Rule, position: LogPosition): void {
    const view = found(this.rules.get(rule.ruleId));
    view.since = position;
    this.#replace(view, rule);
  }

  describe(ruleId: RuleId, description: string | undefined): void {
    const view = found(this.rules.get(ruleId));
    this.#replace(view, withDescription(view.rule, description));
  }

  tagGroup(groupId: GroupId, tags: Tags): void {
    const group = found(this.collection.get(groupId));
    group.tags = tags;
    this.collection.changed(group);
  }

  tagRule(ruleId: RuleId, tags: Tags): void {
    const view = found(this.rules.get(ruleId));
    view.tags = tags;
    this.rules.changed(view);
  }

  #replace(view: Mutable<RuleView>, rule: Rule): void {
    view.rule = rule;
    view.peerName = this.#peerName(rule, view.accountId);
    this.rules.changed(view);
    this.collection.changed(found(this.collection.get(rule.groupId)));
  }

  #peerName({ peer }: Rule, accountId: AccountId): string | undefined {
    return peer.kind === 'group' && peer.accountId === accountId
      ? this.collection.get(peer.groupId)?.name
      : undefined;
  }
}

const nameKey = (accountId: AccountId, name: string): string =>
  `${accountId} ${name.trimEnd().toLowerCase()}`;
