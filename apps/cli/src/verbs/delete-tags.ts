import type { Verb } from '../verb.js';
import { tagEcho, tagFlag, tagParameters } from './tag-verb.js';

export const deleteTags: Verb = {
  summary: 'Takes tags from groups, rules or instances.',
  operands: '<id...>',
  completes: 'resource',
  flags: [tagFlag('the tag; without a value, whatever its value is; KEY= for the empty value')],
  examples: [
    ["$(ec2-describe-group Apache | awk '/^GROUP/ { print $2 }') -t team", 'whatever its value is'],
    [
      "$(ec2-describe-instances | awk '/^INSTANCE/ { print $2 }') -t stage=prod -t critical=",
      'only where the values are these',
    ],
  ],
  changes: true,
  parametersOf: (given) => tagParameters('DeleteTags', given, ({ value }) => value),
  rowsOf: (_answer, given) => tagEcho(given),
};
