import { UsageError } from '../usage-error.js';
import { present } from '../parameters.js';
import type { Verb } from '../verb.js';

export const createGroup: Verb = {
  summary: 'Creates a security group, which lets nothing in and everything out.',
  operands: '<name>',
  flags: [
    { flags: '-d, --description <text>', says: 'what the group is for' },
    { flags: '-c, --vpc <vpc>', says: "the account's VPC; there is only one, so leave it out" },
  ],
  examples: [
    ["web -d 'Web servers'", 'prints GROUP, the id, the name and the description'],
    ["db -d 'Database servers' | awk '{ print $2 }'", 'only the id'],
  ],
  changes: true,
  parametersOf: (given) => {
    const description = given.one('--description');
    if (!description)
      throw new UsageError("--description is missing: say what the group is for, as in -d 'Web servers'");
    return present({
      Action: 'CreateSecurityGroup',
      GroupName: given.operands[0],
      GroupDescription: description,
      VpcId: given.one('--vpc'),
    });
  },
  rowsOf: (answer, given) => [
    ['GROUP', answer.text('groupId'), given.operands[0], given.one('--description')],
  ],
};
