import type { Verb } from '../verb.js';
import { tagRow } from '../tag-rows.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';

export const describeTags: Verb = {
  summary: 'Lists tags, whatever it is that has them.',
  operands: '',
  flags: [FILTER_FLAG],
  examples: [
    ['', 'every tag of the account'],
    ['-F resource-type=instance -F key=stage', 'the stage of every instance that has one'],
  ],
  changes: false,
  looksBack: true,
  headers: [['TAG', 'ResourceType', 'ResourceId', 'Key', 'Value']],
  parametersOf: (given) => ({ Action: 'DescribeTags', ...filterParameters(given.many('--filter')) }),
  rowsOf: (answer) =>
    answer
      .items('tagSet')
      .map((tag) =>
        tagRow(tag.text('resourceType'), tag.text('resourceId'), tag.text('key'), tag.text('value')),
      ),
};
