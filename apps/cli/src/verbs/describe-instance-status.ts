import type { XmlElement } from '../connection/xml-element.js';
import { listed, present } from '../parameters.js';
import type { Row } from '../rows.js';
import type { Verb } from '../verb.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';

export const describeInstanceStatus: Verb = {
  summary: 'Lists whether instances pass their checks.',
  operands: '[instance...]',
  completes: 'instance',
  flags: [
    { flags: '-I, --hide-healthy', says: 'only instances that fail a check' },
    { flags: '-A, --include-all', says: 'instances that do not run as well' },
    FILTER_FLAG,
  ],
  examples: [
    ['', 'every running instance, and its checks'],
    ['-A', 'those that ended as well'],
    ['-I', 'only those to look at'],
  ],
  changes: false,
  looksBack: true,
  headers: [
    ['INSTANCE', 'InstanceId', 'Zone', 'State', 'StateCode', 'InstanceStatus', 'SystemStatus', 'Retirement'],
  ],
  parametersOf: (given) => ({
    Action: 'DescribeInstanceStatus',
    ...listed('InstanceId', given.operands),
    ...filterParameters(given.many('--filter')),
    ...present({ IncludeAllInstances: given.has('--include-all') ? 'true' : undefined }),
  }),
  rowsOf: (answer, given) =>
    answer
      .items('instanceStatusSet')
      .filter((status) => !(given.has('--hide-healthy') && isHealthy(status)))
      .flatMap(statusRows),
};

const isHealthy = (status: XmlElement): boolean =>
  ['instanceStatus', 'systemStatus'].every((check) => status.text(`${check}.status`) === 'ok');

/** No instance is ever about to be retired: what classic tools say of that is `active` throughout. */
const statusRows = (status: XmlElement): readonly Row[] => [
  [
    'INSTANCE',
    status.text('instanceId'),
    status.text('availabilityZone'),
    status.text('instanceState.name'),
    status.text('instanceState.code'),
    status.text('instanceStatus.status'),
    status.text('systemStatus.status'),
    'active',
  ],
  ...checkRows('SYSTEMSTATUS', status, 'systemStatus'),
  ...checkRows('INSTANCESTATUS', status, 'instanceStatus'),
];

const checkRows = (type: string, status: XmlElement, check: string): readonly Row[] =>
  status.items(`${check}.details`).map((detail) => [type, detail.text('name'), detail.text('status')]);
