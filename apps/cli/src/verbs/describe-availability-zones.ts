import { listed } from '../parameters.js';
import type { Verb } from '../verb.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';

export const describeAvailabilityZones: Verb = {
  summary: 'Lists the zones that instances run in.',
  operands: '[zone...]',
  flags: [FILTER_FLAG],
  examples: [
    ['', 'each zone, its state and its region'],
    ['-F state=available', 'those that can be used'],
  ],
  changes: false,
  headers: [['AVAILABILITYZONE', 'Name', 'State', 'Region', 'Message']],
  parametersOf: (given) => ({
    Action: 'DescribeAvailabilityZones',
    ...listed('ZoneName', given.operands),
    ...filterParameters(given.many('--filter')),
  }),
  rowsOf: (answer) =>
    answer.items('availabilityZoneInfo').map((zone) => [
      'AVAILABILITYZONE',
      zone.text('zoneName'),
      zone.text('zoneState'),
      zone.text('regionName'),
      zone
        .items('messageSet')
        .map((message) => message.text('message'))
        .join(' '),
    ]),
};
