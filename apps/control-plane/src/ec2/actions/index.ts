import type { Action } from '../action.js';
import { createSecurityGroup, deleteSecurityGroup, describeSecurityGroups } from './groups.js';
import { describeInstances, runInstances, terminateInstances } from './instances.js';
import { authorize, revoke } from './rules.js';

/** Every action that is answered; any other gets EC2's InvalidAction. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    CreateSecurityGroup: createSecurityGroup,
    DeleteSecurityGroup: deleteSecurityGroup,
    DescribeSecurityGroups: describeSecurityGroups,
    AuthorizeSecurityGroupIngress: authorize('ingress'),
    AuthorizeSecurityGroupEgress: authorize('egress'),
    RevokeSecurityGroupIngress: revoke('ingress'),
    RevokeSecurityGroupEgress: revoke('egress'),
    RunInstances: runInstances,
    DescribeInstances: describeInstances,
    TerminateInstances: terminateInstances,
  }),
);
