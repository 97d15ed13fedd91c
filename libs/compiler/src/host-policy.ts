import {
  INTERFACE_PATTERN,
  type Cidr,
  type Direction,
  type GroupId,
  type InstanceId,
  type IpAddress,
  type RuleId,
  type Traffic,
} from '#libs/domain';

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
  /** `HOST_INTERFACE` for the host itself. */
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

/** A protocol with ports, and one of its ports. */
export interface Port {
  readonly protocol: 6 | 17;
  readonly port: number;
}

/** What a host enforces by its own settings, whatever the policy says. */
export interface HostSettings {
  /** Interfaces through which nothing goes unless an instance is known there: names, or beginnings of names with `*`. */
  readonly interfaces: readonly string[];
  /** Ports of the host itself that stay open to others, and ports of others that stay open to it. */
  readonly failsafe: { readonly in: readonly Port[]; readonly out: readonly Port[] };
}

export const DEFAULT_SETTINGS: HostSettings = {
  interfaces: [INTERFACE_PATTERN],
  failsafe: { in: [], out: [] },
};
