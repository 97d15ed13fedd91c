/** Quotas that a cell holds its accounts to. */
export interface Limits {
  readonly groupsPerAccount: number;
  /** In each direction, for each address family. */
  readonly rulesPerGroup: number;
  readonly groupsPerInstance: number;
  readonly prefixListsPerAccount: number;
  readonly entriesPerPrefixList: number;
  readonly tagsPerResource: number;
}

/** Amazon VPC user guide, "Amazon VPC quotas"; Amazon EC2 user guide, "Tag restrictions". */
export const EC2_LIMITS: Limits = {
  groupsPerAccount: 2500,
  rulesPerGroup: 60,
  groupsPerInstance: 5,
  prefixListsPerAccount: 100,
  entriesPerPrefixList: 1000,
  tagsPerResource: 50,
};

/** The kernel program has this many slots for an instance's groups; EC2's own hard limit is the same. */
export const MAX_GROUPS_PER_INSTANCE = 16;
