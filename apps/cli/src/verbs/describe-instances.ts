import { RESERVATION_HEADERS, reservationRows } from '../instances/reservation-rows.js';
import { listed } from '../parameters.js';
import type { Verb } from '../verb.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';

export const describeInstances: Verb = {
  summary: 'Lists instances, with the groups that they wear.',
  operands: '[instance...]',
  completes: 'instance',
  flags: [FILTER_FLAG],
  examples: [
    ['', 'every instance of the account'],
    ['-F instance-state-name=running -F image-id=ami-12345678', 'those that run a certain image'],
    ["-F instance.group-name=Apache | awk '/^INSTANCE/ { print $2 }'", 'the ids of all in a group'],
  ],
  changes: false,
  looksBack: true,
  headers: RESERVATION_HEADERS,
  parametersOf: (given) => ({
    Action: 'DescribeInstances',
    ...listed('InstanceId', given.operands),
    ...filterParameters(given.many('--filter')),
  }),
  rowsOf: (answer, given) =>
    answer.items('reservationSet').flatMap((reservation) => reservationRows(reservation, given)),
};
