import { NO_TAGS, sizeOf, type Cidr, type LogPosition, type Tags } from '#libs/domain';
import { Ec2Error, missingParameter, type Xml } from '#libs/protocol';
import { arnOf, type Action, type ActionContext } from '../action.js';
import { selectFrom, type FilterTable } from '../filters.js';
import { blocksOf, checkVpc, networkOf, partOf, type Network } from '../network.js';

interface NetworkView extends Network {
  readonly accountId: ActionContext['account']['accountId'];
  /** One at least, so that clients always find a block. */
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  readonly position: LogPosition;
  readonly tags: Tags;
}

/** Shown while no host has enrolled. It is the block of EC2's own default VPCs. */
const NO_BLOCK_YET = '172.31.0.0/16';

function viewOf({ account, directory, region }: ActionContext): NetworkView {
  const { ipv4, ipv6 } = blocksOf(directory);
  return {
    ...networkOf(account, region),
    accountId: account.accountId,
    ipv4: ipv4.length > 0 ? ipv4 : [NO_BLOCK_YET],
    ipv6,
    position: 0,
    tags: NO_TAGS,
  };
}

const yes = (): readonly string[] => ['true'];
const ANY_PART: FilterTable<NetworkView> = {
  'vpc-id': ({ vpcId }) => [vpcId],
  'owner-id': ({ accountId }) => [accountId],
  state: () => ['available'],
};

const VPC_FILTERS: FilterTable<NetworkView> = {
  ...ANY_PART,
  cidr: ({ ipv4 }) => ipv4.slice(0, 1),
  'cidr-block': ({ ipv4 }) => ipv4.slice(0, 1),
  'cidr-block-association.cidr-block': ({ ipv4 }) => ipv4,
  'ipv6-cidr-block-association.ipv6-cidr-block': ({ ipv6 }) => ipv6,
  'dhcp-options-id': ({ vpcId }) => [partOf(vpcId, 'dopt')],
  'is-default': yes,
  isDefault: yes,
};

/** The account's one VPC: always there, and the default one. */
export const describeVpcs: Action = (parameters, context) => {
  for (const vpcId of parameters.list('VpcId')) checkVpc(vpcId, context.account);
  return { vpcSet: selectFrom([viewOf(context)], parameters, VPC_FILTERS).map(vpcXml) };
};

const vpcXml = ({ vpcId, accountId, ipv4, ipv6 }: NetworkView): Xml => ({
  vpcId,
  ownerId: accountId,
  state: 'available',
  cidrBlock: ipv4[0] ?? '',
  cidrBlockAssociationSet: ipv4.map((cidrBlock, index) => ({
    cidrBlock,
    associationId: `${vpcId.replace(/^vpc/, 'vpc-cidr-assoc')}-${index}`,
    cidrBlockState: { state: 'associated' },
  })),
  ipv6CidrBlockAssociationSet: ipv6.map((ipv6CidrBlock, index) => ({
    ipv6CidrBlock,
    associationId: `${vpcId.replace(/^vpc/, 'vpc-cidr-assoc')}-v6-${index}`,
    ipv6CidrBlockState: { state: 'associated' },
  })),
  dhcpOptionsId: partOf(vpcId, 'dopt'),
  instanceTenancy: 'default',
  isDefault: true,
  tagSet: [],
});

const SUBNET_FILTERS: FilterTable<NetworkView> = {
  ...ANY_PART,
  'subnet-id': ({ subnetId }) => [subnetId],
  'availability-zone': ({ zone }) => [zone],
  availabilityZone: ({ zone }) => [zone],
  cidr: ({ ipv4 }) => ipv4.slice(0, 1),
  'cidr-block': ({ ipv4 }) => ipv4.slice(0, 1),
  'ipv6-cidr-block-association.ipv6-cidr-block': ({ ipv6 }) => ipv6,
  'default-for-az': yes,
  defaultForAz: yes,
  'map-public-ip-on-launch': () => ['false'],
};

/** The VPC has one subnet, in the one zone. */
export const describeSubnets: Action = (parameters, context) => {
  const view = viewOf(context);
  const unknown = parameters.list('SubnetId').find((id) => id !== view.subnetId);
  if (unknown !== undefined)
    throw new Ec2Error('InvalidSubnetID.NotFound', `The subnet ID '${unknown}' does not exist`);
  const found = selectFrom([view], parameters, SUBNET_FILTERS);
  return { subnetSet: found.map((subnet) => subnetXml(subnet, context)) };
};

/** As in EC2, five addresses of every block are not given out. */
const KEPT_BACK = 5;

function subnetXml(
  { subnetId, vpcId, accountId, zone, ipv4, ipv6 }: NetworkView,
  context: ActionContext,
): Xml {
  const hosts = context.directory.hosts().toArray();
  const room = hosts.flatMap(({ host, instances }) => {
    const sizes = host.ranges.map((range: Cidr) => Number(sizeOf(range)));
    return Math.max(0, Math.min(...sizes) - KEPT_BACK - instances);
  });
  return {
    subnetId,
    subnetArn: arnOf(context.region, accountId, 'subnet', subnetId),
    vpcId,
    ownerId: accountId,
    state: 'available',
    cidrBlock: ipv4[0] ?? '',
    ipv6CidrBlockAssociationSet: ipv6.map((ipv6CidrBlock, index) => ({
      ipv6CidrBlock,
      associationId: `${subnetId.replace(/^subnet/, 'subnet-cidr-assoc')}-${index}`,
      ipv6CidrBlockState: { state: 'associated' },
    })),
    availableIpAddressCount: Math.min(
      room.reduce((sum, one) => sum + one, 0),
      2 ** 31 - 1,
    ),
    availabilityZone: zone,
    availabilityZoneId: zone,
    defaultForAz: true,
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: ipv6.length > 0,
    mapCustomerOwnedIpOnLaunch: false,
    enableDns64: false,
    ipv6Native: false,
    tagSet: [],
  };
}

const VPC_ATTRIBUTES: Readonly<Record<string, boolean>> = {
  enableDnsSupport: true,
  enableDnsHostnames: true,
  enableNetworkAddressUsageMetrics: false,
};

export const describeVpcAttribute: Action = (parameters, { account }) => {
  const [vpcId, attribute] = [parameters.text('VpcId'), parameters.text('Attribute')];
  if (vpcId === undefined) throw missingParameter('VpcId');
  if (attribute === undefined) throw missingParameter('Attribute');
  checkVpc(vpcId, account);
  if (!Object.hasOwn(VPC_ATTRIBUTES, attribute))
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`,
    );
  return { vpcId, [attribute]: { value: VPC_ATTRIBUTES[attribute] ?? false } };
};

/** For what does not exist here: a list without anything in it, and an error for whoever names something. */
export const emptyList =
  (set: string, idParameter: string, code: string): Action =>
  (parameters) => {
    const [first] = parameters.list(idParameter);
    if (first !== undefined) throw new Ec2Error(code, `The ID '${first}' does not exist`);
    return { [set]: [] };
  };
