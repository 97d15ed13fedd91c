import { groupParameter } from '../parameters.js';
import type { Verb } from '../verb.js';

export const deleteGroup: Verb = {
  summary: 'Deletes a security group that no instance wears and no other group names.',
  operands: '<group>',
  completes: 'group',
  flags: [],
  examples: [
    ['web', 'by name'],
    ["$(ec2-describe-group db | awk '/^GROUP/ { print $2 }')", 'by id'],
  ],
  changes: true,
  parametersOf: ({ operands: [group = ''] }) => ({ Action: 'DeleteSecurityGroup', ...groupParameter(group) }),
  rowsOf: (answer) => [['RETURN', answer.text('return')]],
};
