import { familyOf, type InstanceId, type VpcId } from '#libs/domain';
import type { AccountView, Directory } from '#libs/projections';
import { Ec2Error } from '#libs/protocol';

/** An account's one network, which nobody has to make. The ids of what belongs to it are the VPC's, renamed. */
export interface Network {
  readonly vpcId: VpcId;
  readonly subnetId: string;
  readonly zone: string;
}

type Part = 'subnet' | 'igw' | 'rtb' | 'acl' | 'dopt';

export const partOf = (vpcId: VpcId, part: Part): string => vpcId.replace(/^vpc/, part);

export const networkOf = ({ vpcId }: Pick<AccountView, 'vpcId'>, region: string): Network => ({
  vpcId,
  subnetId: partOf(vpcId, 'subnet'),
  zone: zoneOf(region),
});

/** A cell is one zone. */
export const zoneOf = (region: string): string => `${region}a`;

/** An instance has one network interface, whose ids are the instance's, renamed. */
export const interfaceIdOf = (instanceId: InstanceId): string => instanceId.replace(/^i/, 'eni');
export const attachmentIdOf = (instanceId: InstanceId): string => instanceId.replace(/^i/, 'eni-attach');
export const macAddressOf = (instanceId: InstanceId): string =>
  `02:${(instanceId.slice(2).padStart(10, '0').slice(-10).match(/../g) ?? []).join(':')}`;

/** What hosts give to instances, in the order of their enrolment: the nearest thing to a VPC's blocks. */
export function blocksOf(directory: Directory): {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
} {
  const ranges = directory
    .hosts()
    .flatMap(({ host }) => host.ranges)
    .toArray();
  return {
    ipv4: ranges.filter((range) => familyOf(range) === 4),
    ipv6: ranges.filter((range) => familyOf(range) === 6),
  };
}

export function checkVpc(vpcId: string | undefined, account: AccountView): void {
  if (vpcId !== undefined && vpcId !== account.vpcId)
    throw new Ec2Error('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
}

export function checkSubnet(subnetId: string | undefined, { subnetId: ours }: Network): void {
  if (subnetId !== undefined && subnetId !== ours)
    throw new Ec2Error('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
}

export function checkZone(zone: string | undefined, { zone: ours }: Network): void {
  if (zone !== undefined && zone !== ours)
    throw new Ec2Error('InvalidParameterValue', `Invalid availability zone: [${zone}]: there is ${ours}`);
}
