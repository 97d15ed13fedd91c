import type {
  AccountId,
  GroupId,
  HostId,
  Instance,
  InstanceId,
  LogPosition,
  RecordedEvent,
  Rule,
  RuleId,
} from '#libs/domain';
import type { AccountView, GroupView, HostView, InstanceView } from './views.js';

/** EC2 shows a terminated instance for about an hour; more than this many are forgotten sooner. */
const SHOWN_TERMINATED = 10_000;

type Mutable<View> = { -readonly [Key in keyof View]: View[Key] };
interface GroupEntry extends GroupView {
  readonly rules: Map<RuleId, Rule>;
}

/** What Describe* answers from: the durable state, found by id, by name and by account without a scan. */
export class Directory {
  #position: LogPosition = 0;
  readonly #accounts = new Map<AccountId, AccountView>();
  readonly #groups = new Map<GroupId, GroupEntry>();
  readonly #groupsOf = new Map<AccountId, Map<string, GroupEntry>>();
  readonly #instances = new Map<InstanceId, InstanceView>();
  readonly #instancesOf = new Map<AccountId, Map<InstanceId, InstanceView>>();
  readonly #instancesIn = new Map<GroupId, Map<InstanceId, InstanceView>>();
  readonly #terminated = new Set<InstanceId>();
  readonly #hosts = new Map<HostId, Mutable<HostView>>();

  /** The newest event that answers take account of. */
  get position(): LogPosition {
    return this.#position;
  }

  account(accountId: AccountId): AccountView | undefined {
    return this.#accounts.get(accountId);
  }

  group(groupId: GroupId): GroupView | undefined {
    return this.#groups.get(groupId);
  }

  groupNamed(accountId: AccountId, name: string): GroupView | undefined {
    return this.#groupsOf.get(accountId)?.get(name.trimEnd().toLowerCase());
  }

  /** In the order of their creation. */
  groupsOf(accountId: AccountId): IteratorObject<GroupView> {
    return (this.#groupsOf.get(accountId) ?? new Map<string, GroupEntry>()).values();
  }

  instance(instanceId: InstanceId): InstanceView | undefined {
    return this.#instances.get(instanceId);
  }

  /** Terminated ones too; in the order of their launch. */
  instancesOf(accountId: AccountId): IteratorObject<InstanceView> {
    return (this.#instancesOf.get(accountId) ?? new Map<InstanceId, InstanceView>()).values();
  }

  /** The running instances that wear the group. */
  instancesIn(groupId: GroupId): IteratorObject<InstanceView> {
    return (this.#instancesIn.get(groupId) ?? new Map<InstanceId, InstanceView>()).values();
  }

  host(hostId: HostId): HostView | undefined {
    return this.#hosts.get(hostId);
  }

  hosts(): IteratorObject<HostView> {
    return this.#hosts.values();
  }

  project(recorded: RecordedEvent): void {
    const { event, position } = recorded;
    this.#position = position;
    switch (event.type) {
      case 'AccountOpened':
        this.#accounts.set(event.accountId, { accountId: event.accountId, vpcId: event.vpcId });
        break;
      case 'GroupCreated': {
        const { accountId, groupId, name, description } = event;
        const vpcId = found(this.#accounts.get(accountId)).vpcId;
        const entry: GroupEntry = { groupId, accountId, vpcId, name, description, rules: new Map() };
        this.#groups.set(groupId, entry);
        nested(this.#groupsOf, accountId).set(name.toLowerCase(), entry);
        break;
      }
      case 'GroupDeleted':
        this.#groups.delete(event.groupId);
        this.#groupsOf.get(event.accountId)?.delete(event.name.toLowerCase());
        this.#instancesIn.delete(event.groupId);
        break;
      case 'RuleAuthorized':
        found(this.#groups.get(event.rule.groupId)).rules.set(event.rule.ruleId, event.rule);
        break;
      case 'RuleRevoked':
        found(this.#groups.get(event.rule.groupId)).rules.delete(event.rule.ruleId);
        break;
      case 'InstanceLaunched':
        this.#show({ instance: event.instance, launchedAt: recorded.time });
        found(this.#hosts.get(event.instance.hostId)).instances += 1;
        break;
      case 'InstanceTerminated':
        this.#terminate(event.instance, recorded.time);
        break;
      case 'HostEnrolled': {
        const { hostId, ranges } = event;
        const instances = this.#hosts.get(hostId)?.instances ?? 0;
        this.#hosts.set(hostId, { host: { hostId, ranges }, enrolledAt: recorded.time, position, instances });
        break;
      }
      default:
        event satisfies never;
    }
  }

  #show(view: InstanceView): void {
    const { instanceId, accountId, groupIds } = view.instance;
    this.#instances.set(instanceId, view);
    nested(this.#instancesOf, accountId).set(instanceId, view);
    for (const groupId of groupIds) nested(this.#instancesIn, groupId).set(instanceId, view);
  }

  #terminate({ instanceId, accountId, hostId, groupIds }: Instance, time: string): void {
    const view = { ...found(this.#instances.get(instanceId)), terminatedAt: time };
    this.#instances.set(instanceId, view);
    this.#instancesOf.get(accountId)?.set(instanceId, view);
    for (const groupId of groupIds) this.#instancesIn.get(groupId)?.delete(instanceId);
    found(this.#hosts.get(hostId)).instances -= 1;
    this.#terminated.add(instanceId);
    if (this.#terminated.size > SHOWN_TERMINATED) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#terminated;
    if (!oldest) return;
    this.#terminated.delete(oldest);
    const view = this.#instances.get(oldest);
    this.#instances.delete(oldest);
    if (view) this.#instancesOf.get(view.instance.accountId)?.delete(oldest);
  }
}

/** For what the log introduced before it spoke of it; missing means that the log is damaged. */
function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the log speaks of something that it never introduced');
  return value;
}

function nested<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const inner = map.get(key) ?? new Map<L, V>();
  map.set(key, inner);
  return inner;
}
