import {
  REMEMBERED_CLIENT_TOKENS,
  type AccountId,
  type GroupId,
  type HostEnrolled,
  type HostId,
  type InstanceId,
  type InstanceLaunched,
  type LogPosition,
  type PrefixListId,
  type RecordedEvent,
  type ResourceId,
  type RuleId,
  type Tags,
  type TagsChanged,
} from '#libs/domain';
import type { Listing } from './collection.js';
import { found } from './found.js';
import { Groups } from './groups.js';
import { Instances } from './instances.js';
import { PrefixLists } from './prefix-lists.js';
import { tagsAfter } from './tagging.js';
import type { AccountView, GroupView, HostView, InstanceView, PrefixListView, RuleView } from './views.js';

type HostEntry = { -readonly [Key in keyof HostView]: HostView[Key] };

/** What Describe* answers from: the durable state, as views that are never older than the newest answer given. */
export class Directory {
  #position: LogPosition = 0;
  readonly #accounts = new Map<AccountId, AccountView>();
  readonly #groups = new Groups();
  readonly #instances = new Instances();
  readonly #prefixLists = new PrefixLists();
  readonly #hosts = new Map<HostId, HostEntry>();
  readonly #madeBy = new Map<string, readonly string[]>();

  /** The newest event that answers take account of. */
  get position(): LogPosition {
    return this.#position;
  }

  account(accountId: AccountId): AccountView | undefined {
    return this.#accounts.get(accountId);
  }

  get groups(): Listing<GroupId, GroupView> {
    return this.#groups.collection;
  }

  groupNamed(accountId: AccountId, name: string): GroupView | undefined {
    return this.#groups.named(accountId, name);
  }

  get rules(): Listing<RuleId, RuleView> {
    return this.#groups.rules;
  }

  /** Terminated ones too. */
  get instances(): Listing<InstanceId, InstanceView> {
    return this.#instances.collection;
  }

  get prefixLists(): Listing<PrefixListId, PrefixListView> {
    return this.#prefixLists.collection;
  }

  host(hostId: HostId): HostView | undefined {
    return this.#hosts.get(hostId);
  }

  hosts(): IteratorObject<HostView> {
    return this.#hosts.values();
  }

  /** The ids of what was made by the command with that client token, if it is still remembered. */
  madeBy(accountId: AccountId, clientToken: string): readonly string[] {
    return this.#madeBy.get(`${accountId} ${clientToken}`) ?? [];
  }

  tagsOf(resourceId: ResourceId): Tags | undefined {
    // The kinds of ids have different prefixes, so that at most one of these finds anything.
    const id = resourceId as GroupId & RuleId & InstanceId & PrefixListId;
    return (this.groups.get(id) ?? this.rules.get(id) ?? this.instances.get(id) ?? this.prefixLists.get(id))
      ?.tags;
  }

  project(recorded: RecordedEvent): void {
    const { event, position } = recorded;
    this.#position = position;
    switch (event.type) {
      case 'AccountOpened':
        this.#accounts.set(event.accountId, { accountId: event.accountId, vpcId: event.vpcId });
        break;
      case 'GroupCreated':
        this.#groups.create(event, found(this.#accounts.get(event.accountId)).vpcId, position);
        break;
      case 'GroupDeleted':
        this.#groups.delete(event);
        break;
      case 'RuleAuthorized':
        this.#groups.authorize(event.rule, position);
        break;
      case 'RuleRevoked':
        this.#groups.revoke(event.rule);
        break;
      case 'RuleModified':
        this.#groups.modify(event.rule, position);
        break;
      case 'RuleDescriptionChanged':
        this.#groups.describe(event.ruleId, event.description);
        break;
      case 'PrefixListCreated':
        this.#prefixLists.create(event, position);
        break;
      case 'PrefixListModified':
        this.#prefixLists.modify(event);
        break;
      case 'PrefixListDeleted':
        this.#prefixLists.collection.remove(event.prefixListId);
        break;
      case 'TagsChanged':
        this.#tag(event);
        break;
      case 'InstanceLaunched':
        this.#launch(event, recorded);
        found(this.#hosts.get(event.instance.hostId)).instances += 1;
        break;
      case 'InstanceAttached':
        this.#instances.attach(event);
        break;
      case 'InstanceTerminated':
        this.#instances.terminate(event.instance, recorded.time);
        found(this.#hosts.get(event.instance.hostId)).instances -= 1;
        break;
      case 'ClientTokenUsed':
        this.#remember(`${event.accountId} ${event.token}`, event.resourceIds);
        break;
      case 'HostEnrolled':
        this.#enroll(event, recorded);
        break;
      case 'HostRetired':
        this.#hosts.delete(event.hostId);
        break;
      case 'HostTableRepaired':
        break;
      default:
        event satisfies never;
    }
  }

  #launch({ instance }: InstanceLaunched, { position, time: launchedAt }: RecordedEvent): void {
    const { vpcId } = found(this.#accounts.get(instance.accountId));
    const groupNames = instance.groupIds.map((groupId) => found(this.groups.get(groupId)).name);
    this.#instances.launch({ instance, vpcId, groupNames, position, launchedAt });
  }

  #tag(event: TagsChanged): void {
    const id = event.resourceId as GroupId & RuleId & InstanceId & PrefixListId;
    const tags = tagsAfter(this.tagsOf(id), event);
    if (this.groups.get(id)) this.#groups.tagGroup(id, tags);
    else if (this.rules.get(id)) this.#groups.tagRule(id, tags);
    else if (this.prefixLists.get(id)) this.#prefixLists.tag(id, tags);
    else this.#instances.tag(id, tags);
  }

  #remember(token: string, resourceIds: readonly string[]): void {
    this.#madeBy.set(token, resourceIds);
    const oldest = this.#madeBy.keys().next().value;
    if (this.#madeBy.size > REMEMBERED_CLIENT_TOKENS && oldest !== undefined) this.#madeBy.delete(oldest);
  }

  #enroll({ hostId, ranges }: HostEnrolled, { time, position }: RecordedEvent): void {
    const instances = this.#hosts.get(hostId)?.instances ?? 0;
    this.#hosts.set(hostId, { host: { hostId, ranges }, enrolledAt: time, position, instances });
  }
}
