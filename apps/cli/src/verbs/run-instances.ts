import { blockDeviceParameters } from '../instances/block-devices.js';
import {
  countsFrom,
  groupsFrom,
  LAUNCH_FLAGS,
  passedOnFrom,
  userDataFrom,
} from '../instances/launch-flags.js';
import { reservationRows } from '../instances/reservation-rows.js';
import { present } from '../parameters.js';
import type { Verb } from '../verb.js';

export const runInstances: Verb = {
  summary: 'Launches instances. The groups given now are theirs for life.',
  operands: '<image>',
  flags: LAUNCH_FLAGS,
  examples: [
    ['ami-12345678 -g Apache', 'one instance in Apache, on the least loaded host'],
    ['ami-12345678 -n 2 -g Apache -g default', 'two instances that wear two groups'],
    ['ami-12345678 -g MySQL --host host-1 --wait', 'on that host, and enforced when it returns'],
  ],
  changes: true,
  parametersOf: (given) => ({
    Action: 'RunInstances',
    ...countsFrom(given),
    ...groupsFrom(given),
    ...blockDeviceParameters(given.many('--block-device-mapping')),
    ...present({ ImageId: given.operands[0], UserData: userDataFrom(given) }),
    ...passedOnFrom(given),
  }),
  rowsOf: reservationRows,
};
