import { RESERVATION_HEADERS, reservationRows } from '../instances/reservation-rows.js';
import { filterParameters, listed } from '../parameters.js';
import type { Verb } from '../verb.js';
import { LISTING_FLAGS, tagRows } from './listing-flags.js';

export const describeInstances: Verb = {
  summary: 'Lists instances, with the groups that they wear.',
  operands: '[instance...]',
  flags: LISTING_FLAGS,
  examples: [
    ['', 'every instance of the account'],
    ['i-0123456789abcdef0', 'one of them'],
    ['-F instance.group-name=web -F instance-state-name=running', 'the running instances in web'],
  ],
  changes: false,
  headers: RESERVATION_HEADERS,
  parametersOf: (given) => ({
    Action: 'DescribeInstances',
    ...listed('InstanceId', given.operands),
    ...filterParameters(given.many('--filter')),
  }),
  rowsOf: (answer, given) =>
    answer
      .items('reservationSet')
      .flatMap((reservation) =>
        reservationRows(reservation, (instance) =>
          tagRows(instance, 'instance', instance.text('instanceId'), given),
        ),
      ),
};
