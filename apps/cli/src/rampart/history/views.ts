/** What the control plane answers of rules and of the past, as far as it is shown; `--json` shows all. */

export interface Cause {
  readonly position: number;
  readonly time?: string;
  readonly actor?: {
    readonly kind: string;
    readonly accountId?: string;
    readonly accessKeyId?: string;
    readonly hostId?: string;
  };
}

export interface GroupName {
  readonly groupId: string;
  readonly name?: string;
}

export interface Peer {
  readonly cidr?: string;
  readonly groupId?: string;
  readonly accountId?: string;
  readonly name?: string;
  readonly prefixListId?: string;
}

export interface GroupRule {
  readonly ruleId: string;
  readonly group: GroupName;
  readonly direction: 'ingress' | 'egress';
  readonly protocol: string | number;
  readonly from?: number;
  readonly to?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly peer: Peer;
  readonly since: Cause;
}
