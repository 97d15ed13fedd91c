import { blockDeviceParameters } from '../instances/block-devices.js';
import { countsFrom, groupsFrom, LAUNCH_FLAGS, userDataFrom } from '../instances/launch-flags.js';
import { reservationRows } from '../instances/reservation-rows.js';
import { present } from '../parameters.js';
import type { Verb } from '../verb.js';

export const runInstances: Verb = {
  summary: 'Launches instances. The groups given now are theirs for life.',
  operands: '<image>',
  flags: LAUNCH_FLAGS,
  examples: [
    ['ami-12345678 -g web', 'one instance in web, on the least loaded host'],
    ['ami-12345678 -n 3 -g web -g admin', 'three instances that wear two groups'],
    ['ami-12345678 -g db --host rack2 --private-ip-address 10.0.2.7 --wait', 'placed by hand'],
  ],
  changes: true,
  parametersOf: (given) => ({
    Action: 'RunInstances',
    ...countsFrom(given),
    ...groupsFrom(given),
    ...blockDeviceParameters(given.many('--block-device-mapping')),
    ...present({
      ImageId: given.operands[0],
      'Placement.HostId': given.one('--host'),
      PrivateIpAddress: given.one('--private-ip-address'),
      InstanceType: given.one('--instance-type'),
      KeyName: given.one('--key'),
      UserData: userDataFrom(given),
      'Placement.AvailabilityZone': given.one('--availability-zone'),
      SubnetId: given.one('--subnet'),
      'Monitoring.Enabled': given.has('--monitor') ? 'true' : undefined,
    }),
  }),
  rowsOf: (answer) => reservationRows(answer, () => []),
};
