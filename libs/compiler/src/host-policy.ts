import type { Direction, GroupId, InstanceId, IpAddress, Cidr, RuleId, Traffic } from '#libs/domain';

/** All that one host must enforce. Groups are known by the cell's own numbers, so that compiling needs no state. */
export interface HostPolicy {
  readonly instances: ReadonlyMap<InstanceId, PolicyInstance>;
  /** Rules of the groups that the host's instances wear. */
  readonly rules: ReadonlyMap<RuleId, PolicyRule>;
  /** Members of the groups that those rules name as peers. */
  readonly members: ReadonlyMap<GroupId, PolicyMembers>;
}

export interface PolicyInstance {
  readonly instanceId: InstanceId;
  readonly interfaceName: string;
  readonly addresses: readonly IpAddress[];
  readonly groups: readonly GroupNumber[];
}

export interface GroupNumber {
  readonly groupId: GroupId;
  readonly number: number;
}

export interface PolicyRule {
  readonly ruleId: RuleId;
  readonly group: GroupNumber;
  readonly direction: Direction;
  readonly traffic: Traffic;
  readonly peer: { readonly kind: 'cidr'; readonly cidr: Cidr } | ({ readonly kind: 'group' } & GroupNumber);
}

export interface PolicyMembers {
  readonly number: number;
  readonly addresses: ReadonlySet<IpAddress>;
}

export const emptyHostPolicy = (): HostPolicy => ({
  instances: new Map(),
  rules: new Map(),
  members: new Map(),
});
