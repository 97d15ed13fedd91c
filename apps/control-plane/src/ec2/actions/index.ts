import type { Action } from '../action.js';
import { describeSecurityGroupReferences, describeStaleSecurityGroups } from './group-references.js';
import {
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
  getSecurityGroupsForVpc,
} from './groups.js';
import {
  describeManagedPrefixLists,
  describePrefixLists,
  getManagedPrefixListAssociations,
  getManagedPrefixListEntries,
} from './prefix-list-listings.js';
import {
  createManagedPrefixList,
  deleteManagedPrefixList,
  modifyManagedPrefixList,
  restoreManagedPrefixListVersion,
} from './prefix-lists.js';
import { modifySecurityGroupRules, updateDescriptions } from './rule-changes.js';
import { authorize, describeSecurityGroupRules, revoke } from './rules.js';
import { createTags, deleteTags, describeTags } from './tags.js';
import { describeImages, describeInstanceTypeOfferings, describeInstanceTypes } from './catalogue.js';
import {
  changePower,
  describeInstanceAttribute,
  modifyInstanceAttribute,
  modifyNetworkInterfaceAttribute,
} from './instance-attributes.js';
import {
  describeInstanceCreditSpecifications,
  describeInstances,
  describeInstanceStatus,
  runInstances,
  terminateInstances,
} from './instances.js';
import { describeNetworkInterfaces } from './network-interfaces.js';
import { describeSubnets, describeVpcAttribute, describeVpcs, emptyList } from './network.js';
import { describeAccountAttributes, describeAvailabilityZones, describeRegions } from './places.js';

/** Every action that is answered; any other gets EC2's InvalidAction. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    CreateSecurityGroup: createSecurityGroup,
    DeleteSecurityGroup: deleteSecurityGroup,
    DescribeSecurityGroups: describeSecurityGroups,
    GetSecurityGroupsForVpc: getSecurityGroupsForVpc,
    DescribeSecurityGroupReferences: describeSecurityGroupReferences,
    DescribeStaleSecurityGroups: describeStaleSecurityGroups,
    AuthorizeSecurityGroupIngress: authorize('ingress'),
    AuthorizeSecurityGroupEgress: authorize('egress'),
    RevokeSecurityGroupIngress: revoke('ingress'),
    RevokeSecurityGroupEgress: revoke('egress'),
    DescribeSecurityGroupRules: describeSecurityGroupRules,
    ModifySecurityGroupRules: modifySecurityGroupRules,
    UpdateSecurityGroupRuleDescriptionsIngress: updateDescriptions('ingress'),
    UpdateSecurityGroupRuleDescriptionsEgress: updateDescriptions('egress'),
    CreateTags: createTags,
    DeleteTags: deleteTags,
    DescribeTags: describeTags,
    CreateManagedPrefixList: createManagedPrefixList,
    ModifyManagedPrefixList: modifyManagedPrefixList,
    DeleteManagedPrefixList: deleteManagedPrefixList,
    RestoreManagedPrefixListVersion: restoreManagedPrefixListVersion,
    DescribeManagedPrefixLists: describeManagedPrefixLists,
    GetManagedPrefixListEntries: getManagedPrefixListEntries,
    GetManagedPrefixListAssociations: getManagedPrefixListAssociations,
    DescribePrefixLists: describePrefixLists,

    RunInstances: runInstances,
    DescribeInstances: describeInstances,
    TerminateInstances: terminateInstances,
    DescribeInstanceStatus: describeInstanceStatus,
    DescribeInstanceAttribute: describeInstanceAttribute,
    DescribeInstanceCreditSpecifications: describeInstanceCreditSpecifications,
    ModifyInstanceAttribute: modifyInstanceAttribute,
    ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
    StartInstances: changePower,
    StopInstances: changePower,
    RebootInstances: changePower,

    DescribeVpcs: describeVpcs,
    DescribeVpcAttribute: describeVpcAttribute,
    DescribeSubnets: describeSubnets,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribeRegions: describeRegions,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeAccountAttributes: describeAccountAttributes,
    DescribeImages: describeImages,
    DescribeInstanceTypes: describeInstanceTypes,
    DescribeInstanceTypeOfferings: describeInstanceTypeOfferings,

    DescribeVolumes: emptyList('volumeSet', 'VolumeId', 'InvalidVolume.NotFound'),
    DescribeKeyPairs: emptyList('keySet', 'KeyName', 'InvalidKeyPair.NotFound'),
    DescribeAddresses: emptyList('addressesSet', 'AllocationId', 'InvalidAllocationID.NotFound'),
    DescribeInternetGateways: emptyList(
      'internetGatewaySet',
      'InternetGatewayId',
      'InvalidInternetGatewayID.NotFound',
    ),
    DescribeRouteTables: emptyList('routeTableSet', 'RouteTableId', 'InvalidRouteTableID.NotFound'),
    DescribeNetworkAcls: emptyList('networkAclSet', 'NetworkAclId', 'InvalidNetworkAclID.NotFound'),
    DescribeIamInstanceProfileAssociations: emptyList(
      'iamInstanceProfileAssociationSet',
      'AssociationId',
      'InvalidAssociationID.NotFound',
    ),
  }),
);
