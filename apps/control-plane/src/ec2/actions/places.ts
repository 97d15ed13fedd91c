import { NO_TAGS, type AccountId, type LogPosition, type Tags } from '#libs/domain';
import { Ec2Error, type QueryParameters, type Xml } from '#libs/protocol';
import type { Action, ActionContext } from '../action.js';
import { selectFrom, type FilterTable } from '../filters.js';
import { zoneOf } from '../network.js';

/** The one place there is: this installation is a region with one zone. */
interface Place {
  readonly region: string;
  readonly zone: string;
  readonly endpoint: string;
  readonly accountId: AccountId;
  readonly position: LogPosition;
  readonly tags: Tags;
}

const placeOf = ({ account, region, endpoint }: ActionContext): Place => ({
  region,
  zone: zoneOf(region),
  endpoint,
  accountId: account.accountId,
  position: 0,
  tags: NO_TAGS,
});

const regionName = ({ region }: Place): readonly string[] => [region];
const optedIn = (): readonly string[] => ['opt-in-not-required'];

const REGION_FILTERS: FilterTable<Place> = {
  'region-name': regionName,
  endpoint: ({ endpoint }) => [endpoint],
  'opt-in-status': optedIn,
};

export const describeRegions: Action = (parameters, context) => {
  checkNames(parameters, 'RegionName', context.region, 'region');
  return {
    regionInfo: selectFrom([placeOf(context)], parameters, REGION_FILTERS).map(({ region, endpoint }) => ({
      regionName: region,
      regionEndpoint: endpoint,
      optInStatus: 'opt-in-not-required',
    })),
  };
};

const zoneName = ({ zone }: Place): readonly string[] => [zone];
const available = (): readonly string[] => ['available'];

const ZONE_FILTERS: FilterTable<Place> = {
  'zone-name': zoneName,
  'zone-id': zoneName,
  'region-name': regionName,
  'group-name': regionName,
  'zone-type': () => ['availability-zone'],
  'opt-in-status': optedIn,
  state: available,
};

export const describeAvailabilityZones: Action = (parameters, context) => {
  checkNames(parameters, 'ZoneName', zoneOf(context.region), 'availability zone');
  checkNames(parameters, 'ZoneId', zoneOf(context.region), 'availability zone');
  return {
    availabilityZoneInfo: selectFrom([placeOf(context)], parameters, ZONE_FILTERS).map(
      ({ region, zone }): Xml => ({
        zoneName: zone,
        zoneId: zone,
        zoneState: 'available',
        zoneType: 'availability-zone',
        regionName: region,
        groupName: region,
        networkBorderGroup: region,
        optInStatus: 'opt-in-not-required',
        messageSet: [],
      }),
    ),
  };
};

function checkNames(parameters: QueryParameters, name: string, ours: string, what: string): void {
  const unknown = parameters.list(name).find((text) => text !== ours);
  if (unknown !== undefined)
    throw new Ec2Error('InvalidParameterValue', `Invalid ${what}: [${unknown}]: there is ${ours}`);
}

/** What clients ask an account before they start. */
export const describeAccountAttributes: Action = (parameters, { account, limits }) => {
  const attributes: Readonly<Record<string, string | number>> = {
    'supported-platforms': 'VPC',
    'default-vpc': account.vpcId,
    'max-instances': 1_000_000,
    'vpc-max-security-groups-per-interface': limits.groupsPerInstance,
    'max-elastic-ips': 0,
    'vpc-max-elastic-ips': 0,
  };
  const wanted = parameters.list('AttributeName');
  const unknown = wanted.find((name) => !Object.hasOwn(attributes, name));
  if (unknown !== undefined)
    throw new Ec2Error('InvalidParameterValue', `Value (${unknown}) for parameter attributeName is invalid`);
  return {
    accountAttributeSet: Object.entries(attributes)
      .filter(([name]) => wanted.length === 0 || wanted.includes(name))
      .map(([attributeName, attributeValue]) => ({
        attributeName,
        attributeValueSet: [{ attributeValue }],
      })),
  };
};
