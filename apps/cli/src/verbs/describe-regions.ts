import { listed } from '../parameters.js';
import type { Verb } from '../verb.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';

export const describeRegions: Verb = {
  summary: 'Lists regions: there is one, this installation.',
  operands: '[region...]',
  flags: [FILTER_FLAG],
  examples: [
    ['', 'the name of the region, and where it answers'],
    ["| awk '{ print $2 }'", 'only the name'],
  ],
  changes: false,
  headers: [['REGION', 'Name', 'Endpoint']],
  parametersOf: (given) => ({
    Action: 'DescribeRegions',
    ...listed('RegionName', given.operands),
    ...filterParameters(given.many('--filter')),
  }),
  rowsOf: (answer) =>
    answer
      .items('regionInfo')
      .map((region) => ['REGION', region.text('regionName'), region.text('regionEndpoint')]),
};
