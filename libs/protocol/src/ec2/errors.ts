import { peerKey, type Refusal, type ResourceId, type Rule } from '#libs/domain';
import { protocolName } from './ip-permissions.js';

/** An answer that says no, in EC2's words. Thrown from wherever an action is understood or carried out. */
export class Ec2Error extends Error {
  override readonly name = 'Ec2Error';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const missingParameter = (name: string): Ec2Error =>
  new Ec2Error('MissingParameter', `The request must contain the parameter ${name}`);

type Explanation<Code extends Refusal['code']> = (
  refusal: Extract<Refusal, { code: Code }>,
) => readonly [code: string, message: string];

/** The code for an id that nothing has depends on what it would be the id of. */
const UNKNOWN: readonly (readonly [prefix: string, code: string, what: string])[] = [
  ['sg-', 'InvalidGroup.NotFound', 'security group'],
  ['sgr-', 'InvalidSecurityGroupRuleId.NotFound', 'security group rule ID'],
  ['i-', 'InvalidInstanceID.NotFound', 'instance ID'],
  ['pl-', 'InvalidPrefixListID.NotFound', 'prefix list ID'],
];

function unknownResource(id: ResourceId): readonly [code: string, message: string] {
  const [, code = 'InvalidID', what = 'ID'] = UNKNOWN.find(([prefix]) => id.startsWith(prefix)) ?? [];
  return [code, `The ${what} '${id}' does not exist`];
}

/** Codes and messages of the EC2 API reference, "Error codes", in a default VPC. */
const EXPLANATIONS: { readonly [Code in Refusal['code']]: Explanation<Code> } = {
  AccountUnknown: ({ accountId }) => ['AuthFailure', `The account ${accountId} is not open here`],
  GroupUnknown: ({ group, vpcId }) => [
    'InvalidGroup.NotFound',
    'groupId' in group
      ? `The security group '${group.groupId}' does not exist`
      : `The security group '${group.groupName}' does not exist${vpcId ? ` in default VPC '${vpcId}'` : ''}`,
  ],
  GroupNameTaken: ({ name, vpcId, groupId }) => [
    'InvalidGroup.Duplicate',
    `The security group '${name}' already exists for VPC '${vpcId}'; it is ${groupId}`,
  ],
  GroupNameReserved: ({ name }) => [
    'InvalidParameterValue',
    `Cannot use reserved security group name: ${name}`,
  ],
  GroupNameMalformed: ({ name }) => [
    'InvalidParameterValue',
    `Value (${name}) for parameter GroupName is invalid. ` +
      (name.startsWith('sg-')
        ? 'Group names may not be in the format sg-*'
        : 'Character sets beyond ASCII letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* are not supported, and 255 characters are the most'),
  ],
  GroupDescriptionMalformed: ({ description }) => [
    'InvalidParameterValue',
    `Value (${description}) for parameter GroupDescription is invalid. Character sets beyond ASCII letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* are not supported, and 255 characters are the most`,
  ],
  GroupIsDefault: ({ groupId, name }) => [
    'CannotDelete',
    `the specified group: "${groupId}" name: "${name}" cannot be deleted by a user`,
  ],
  GroupInUse: ({ groupId, instanceIds, referencedBy }) => [
    'DependencyViolation',
    `resource ${groupId} has a dependent object: ${[...instanceIds, ...referencedBy.map((id) => `a rule of ${id}`)].join(', ')}`,
  ],
  GroupLimitExceeded: ({ limit }) => [
    'SecurityGroupLimitExceeded',
    `The maximum number of security groups has been reached: ${limit}`,
  ],
  RuleDuplicate: ({ rule, existing }) => [
    'InvalidPermission.Duplicate',
    `the specified rule "${ruleText(rule)}" already exists; it is ${existing}`,
  ],
  RuleRepeated: ({ rule }) => [
    'InvalidParameterValue',
    `The same permission must not appear multiple times: "${ruleText(rule)}"`,
  ],
  RuleUnknown: ({ ruleId }) => unknownResource(ruleId),
  PermissionUnknown: ({ groupId }) => [
    'InvalidPermission.NotFound',
    `The specified rule does not exist in this security group. ${groupId} has no such permission`,
  ],
  RulePeerKindFixed: ({ ruleId }) => [
    'InvalidParameterValue',
    `The kind of source or destination of ${ruleId} can't be modified: revoke the rule and authorize another`,
  ],
  RuleMalformed: ({ field, value, fix }) => [
    'InvalidPermission.Malformed',
    `${field} '${value}' is malformed: ${fix}`,
  ],
  RuleLimitExceeded: ({ limit }) => [
    'RulesPerSecurityGroupLimitExceeded',
    `The maximum number of rules per security group has been reached: ${limit} in each direction and address family`,
  ],
  PrefixListUnknown: ({ prefixListId }) => unknownResource(prefixListId),
  PrefixListMalformed: ({ field, value, fix }) => [
    'InvalidParameterValue',
    `Value (${value}) for parameter ${field} is invalid: ${fix}`,
  ],
  PrefixListVersionMismatch: ({ prefixListId, current }) => [
    'PrefixListVersionMismatch',
    `The prefix list has the incorrect version number: ${prefixListId} is at version ${current}`,
  ],
  PrefixListFull: ({ prefixListId, maxEntries, wanted }) => [
    'PrefixListMaxEntriesExceeded',
    `You've reached the maximum number of entries for the prefix list: ${prefixListId} may have ${maxEntries}, not ${wanted}`,
  ],
  PrefixListEntryUnknown: ({ prefixListId, cidr }) => [
    // Terraform takes this code as done when the message has `does not exist.` in it, with the full stop.
    'InvalidPrefixListModification',
    `The entry ${cidr} does not exist. The prefix list ${prefixListId} has no such entry to remove`,
  ],
  PrefixListInUse: ({ prefixListId, referencedBy }) => [
    'DependencyViolation',
    `resource ${prefixListId} has a dependent object: ${referencedBy.map((id) => `a rule of ${id}`).join(', ')}`,
  ],
  PrefixListLimitExceeded: ({ limit }) => [
    'PrefixListLimitExceeded',
    `The maximum number of prefix lists has been reached: ${limit}`,
  ],
  ResourceUnknown: ({ resourceId }) => unknownResource(resourceId),
  TagMalformed: ({ key, fix }) => [
    'InvalidParameterValue',
    key.toLowerCase().startsWith('aws:')
      ? `Tag keys starting with 'aws:' are reserved for internal use: '${key}'`
      : `The tag with the key '${key}' is invalid: ${fix}`,
  ],
  TagLimitExceeded: ({ resourceId, limit }) => [
    'TagLimitExceeded',
    `The maximum number of tags for a resource has been reached: ${resourceId} may have ${limit}`,
  ],
  ClientTokenMismatch: ({ token }) => [
    'IdempotentParameterMismatch',
    `Arguments on this idempotent request are inconsistent with arguments used in previous request(s) with the client token '${token}'`,
  ],
  ChangedSince: ({ groupId, name, expected, changedAt }) => [
    'IncorrectState',
    `The security group ${groupId} '${name}' was changed at ${changedAt}, after ${expected}`,
  ],
  InstanceUnknown: ({ instanceIds }) => [
    'InvalidInstanceID.NotFound',
    instanceIds.length === 1
      ? `The instance ID '${instanceIds.join()}' does not exist`
      : `The instance IDs '${instanceIds.join(', ')}' do not exist`,
  ],
  GroupsPerInstanceLimitExceeded: ({ limit }) => [
    'SecurityGroupsPerInstanceLimitExceeded',
    `The maximum number of security groups per instance is ${limit}`,
  ],
  AddressTaken: ({ address, instanceId }) => [
    'InvalidIPAddress.InUse',
    `Address ${address} is in use: ${instanceId} has it`,
  ],
  AddressNotOffered: ({ address, hostIds }) => [
    'InvalidParameterValue',
    `Address ${address} is not one that ${hostIds.length > 0 ? hostIds.join() : 'any host'} has to give`,
  ],
  AddressForOneInstance: ({ count }) => [
    'InvalidParameterCombination',
    `PrivateIpAddress is for a single instance, and ${count} were asked for`,
  ],
  CapacityExceeded: ({ wanted, free, hostId }) => [
    'InsufficientInstanceCapacity',
    `There is room for ${free} of the ${wanted} instances wanted${hostId ? ` on ${hostId}` : '; enroll a host, or give one a larger range'}`,
  ],
  HostNotOffered: ({ hostId }) => [
    'InvalidParameterCombination',
    hostId
      ? `The host ${hostId} can't be an instance itself: its agent tells no addresses of its own (RAMPART_HOST_ADDRESSES)`
      : 'Tenancy host needs a Placement.HostId: name the host that is to be the instance',
  ],
  InterfaceTaken: ({ hostId, interfaceName }) => [
    'InternalError',
    `The interface ${interfaceName} is taken on ${hostId}; end the instance that has it, or ask again`,
  ],
  HostInUse: ({ hostId, instances }) => [
    'DependencyViolation',
    `The host ${hostId} has ${instances} instances: terminate them first`,
  ],
  HostUnknown: ({ hostId }) => ['InvalidHostID.NotFound', `The host '${hostId}' does not exist`],
  RangesMalformed: ({ ranges, fix }) => [
    'InvalidParameterValue',
    `The ranges '${ranges.join(', ')}' are malformed: ${fix}`,
  ],
  RangeOverlaps: ({ range, other, hostId }) => [
    'InvalidParameterValue',
    `The range ${range} overlaps ${other} of ${hostId}`,
  ],
  HostAddressesInUse: ({ hostId, instanceId }) => [
    'DependencyViolation',
    `The host ${hostId} is the instance ${instanceId} by its addresses: terminate that before they change`,
  ],
  RangeInUse: ({ hostId, instances }) => [
    'DependencyViolation',
    `${instances} instances on ${hostId} have addresses outside the new ranges`,
  ],
};

const SERVER_FAULTS = new Set(['InternalError', 'InsufficientInstanceCapacity']);

export function ec2ErrorFrom(refusal: Refusal): Ec2Error {
  // The table gives each code the function for its own refusal; that the two belong together TypeScript can't follow.
  const explain = EXPLANATIONS[refusal.code] as (
    refusal: Refusal,
  ) => readonly [code: string, message: string];
  const [code, message] = explain(refusal);
  return new Ec2Error(code, message, SERVER_FAULTS.has(code) ? 500 : 400);
}

/** As EC2 writes a rule in its messages: `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW`. */
function ruleText({ peer, traffic }: Rule): string {
  const far = peerKey(peer);
  switch (traffic.kind) {
    case 'all':
      return `peer: ${far}, ALL, ALLOW`;
    case 'protocol':
      return `peer: ${far}, ${protocolName(traffic.protocol).toUpperCase()}, ALLOW`;
    case 'ports':
    case 'icmp': {
      const [from, to] =
        traffic.kind === 'ports' ? [traffic.from, traffic.to] : [traffic.type ?? -1, traffic.code ?? -1];
      const ports =
        traffic.kind === 'ports' ? `from port: ${from}, to port: ${to}` : `type: ${from}, code: ${to}`;
      return `peer: ${far}, ${protocolName(traffic.protocol).toUpperCase()}, ${ports}, ALLOW`;
    }
  }
}
