import type { Verb } from '../verb.js';
import { tagEcho, tagFlag, tagParameters } from './tag-verb.js';

export const createTags: Verb = {
  summary: 'Tags groups, rules or instances; a key that is there already gets the new value.',
  operands: '<id...>',
  completes: 'resource',
  flags: [tagFlag('the tag; without a value it is empty')],
  examples: [
    ["$(ec2-describe-group Apache | awk '/^GROUP/ { print $2 }') -t team=edge", 'one tag on one group'],
    [
      "$(ec2-describe-instances | awk '/^INSTANCE/ { print $2 }') -t stage=prod -t critical",
      'two tags on every instance',
    ],
  ],
  changes: true,
  parametersOf: (given) => tagParameters('CreateTags', given, ({ value }) => value ?? ''),
  rowsOf: (_answer, given) => tagEcho(given),
};
