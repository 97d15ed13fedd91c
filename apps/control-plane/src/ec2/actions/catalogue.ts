import { NO_TAGS, type AccountId, type LogPosition, type Tags } from '#libs/domain';
import type { Xml } from '#libs/protocol';
import type { Action } from '../action.js';
import { selectFrom, type FilterTable } from '../filters.js';

/** Images and types are labels here. Whichever is asked for by name exists, so that clients that look first go on. */
interface Label {
  readonly name: string;
  readonly accountId: AccountId;
  readonly position: LogPosition;
  readonly tags: Tags;
}

const labels = (names: readonly string[], accountId: AccountId): readonly Label[] =>
  [...new Set(names)].map((name) => ({ name, accountId, position: 0, tags: NO_TAGS }));
const name = ({ name: text }: Label): readonly string[] => [text];

const IMAGE_FILTERS: FilterTable<Label> = {
  'image-id': name,
  name,
  state: () => ['available'],
  architecture: () => ['x86_64'],
  'image-type': () => ['machine'],
  'root-device-type': () => ['ebs'],
  'virtualization-type': () => ['hvm'],
  hypervisor: () => ['xen'],
  'owner-alias': () => ['self'],
  'is-public': () => ['true'],
  'owner-id': ({ accountId }) => [accountId],
};

export const describeImages: Action = (parameters, { account }) => ({
  imagesSet: selectFrom(labels(parameters.list('ImageId'), account.accountId), parameters, IMAGE_FILTERS).map(
    ({ name: imageId }): Xml => ({
      imageId,
      imageLocation: imageId,
      imageState: 'available',
      imageOwnerId: account.accountId,
      creationDate: '1970-01-01T00:00:00.000Z',
      isPublic: true,
      architecture: 'x86_64',
      imageType: 'machine',
      name: imageId,
      rootDeviceType: 'ebs',
      rootDeviceName: '/dev/xvda',
      blockDeviceMapping: [],
      virtualizationType: 'hvm',
      hypervisor: 'xen',
      enaSupport: true,
      tagSet: [],
    }),
  ),
});

const TYPE_FILTERS: FilterTable<Label> = {
  'instance-type': name,
  'current-generation': () => ['true'],
  'processor-info.supported-architecture': () => ['x86_64'],
  'supported-virtualization-type': () => ['hvm'],
  'burstable-performance-supported': () => ['false'],
};

export const describeInstanceTypes: Action = (parameters, { account }) => ({
  instanceTypeSet: selectFrom(
    labels(parameters.list('InstanceType'), account.accountId),
    parameters,
    TYPE_FILTERS,
  ).map(({ name: instanceType }): Xml => ({
    instanceType,
    currentGeneration: true,
    freeTierEligible: false,
    supportedUsageClasses: ['on-demand'],
    supportedRootDeviceTypes: ['ebs'],
    supportedVirtualizationTypes: ['hvm'],
    bareMetal: false,
    hypervisor: 'xen',
    processorInfo: { supportedArchitectures: ['x86_64'] },
    vCpuInfo: { defaultVCpus: 1, defaultCores: 1, defaultThreadsPerCore: 1 },
    memoryInfo: { sizeInMiB: 1024 },
    instanceStorageSupported: false,
    networkInfo: {
      maximumNetworkInterfaces: 1,
      ipv4AddressesPerInterface: 1,
      ipv6AddressesPerInterface: 1,
      ipv6Supported: true,
      enaSupport: 'supported',
    },
    hibernationSupported: false,
    burstablePerformanceSupported: false,
    dedicatedHostsSupported: true,
    autoRecoverySupported: false,
  })),
});

/** Any type is offered in the one zone. */
export const describeInstanceTypeOfferings: Action = (parameters, { region }) => {
  const wanted = parameters
    .structures('Filter')
    .filter((filter) => filter.text('Name') === 'instance-type')
    .flatMap((filter) => filter.list('Value'));
  const locationType = parameters.text('LocationType') ?? 'region';
  const location = locationType === 'region' ? region : `${region}a`;
  return {
    instanceTypeOfferingSet: wanted.map((instanceType) => ({ instanceType, locationType, location })),
  };
};
