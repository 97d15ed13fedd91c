import type { Verb } from '../verb.js';
import { echoRows, PERMISSION_FLAGS, permissionRequest, permissionsFrom } from './permission-verb.js';

export const authorize: Verb = {
  summary: 'Adds permissions to a security group.',
  operands: '<group>',
  flags: PERMISSION_FLAGS,
  examples: [
    ['web -p 80', 'anyone may reach port 80 of the instances in web'],
    ['web -p 443 -s 192.0.2.0/24 -s 2001:db8::/32', 'two networks may reach port 443'],
    ['db -p 5432 -o web', 'instances in web may reach port 5432 of those in db'],
    ['db -P all -o default -u 111122223333', "another account's group may send anything"],
    ['web -P icmp -t 8:0 --wait', 'allow pings, and return once every host enforces it'],
    ['web --egress -P udp -p 53 -s 192.0.2.53/32', 'instances in web may ask one name server'],
  ],
  changes: true,
  parametersOf: (given) => permissionRequest('Authorize', given),
  rowsOf: (_answer, given) => echoRows(given, permissionsFrom(given)),
};
