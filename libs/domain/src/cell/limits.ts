/** Quotas that a cell holds its accounts to. */
export interface Limits {
  readonly groupsPerAccount: number;
  /** In each direction, for each address family. */
  readonly rulesPerGroup: number;
  readonly groupsPerInstance: number;
}

/** Amazon VPC user guide, "Amazon VPC quotas": security groups. */
export const EC2_LIMITS: Limits = { groupsPerAccount: 2500, rulesPerGroup: 60, groupsPerInstance: 5 };

/** The kernel program has this many slots for an instance's groups; EC2's own hard limit is the same. */
export const MAX_GROUPS_PER_INSTANCE = 16;
