import type { Verb } from '../verb.js';
import { echoRows, PERMISSION_FLAGS, permissionRequest, permissionsFrom } from './permission-verb.js';

export const authorize: Verb = {
  summary: 'Adds permissions to a security group.',
  operands: '<group>',
  completes: 'group',
  flags: PERMISSION_FLAGS,
  examples: [
    ['Apache -p 443', 'anyone may reach port 443 of the instances in Apache'],
    ['Apache -p 8080 -s 192.0.2.0/24 -s 2001:db8::/32', 'two networks may reach port 8080'],
    ['MySQL -p 22 -o Apache', 'instances in Apache may reach port 22 of those in MySQL'],
    ['MySQL -P icmp -t 8:-1 --wait', 'allow pings, and return once every host enforces it'],
    ['Apache --egress -P udp -p 53 -s 192.0.2.53/32', 'instances in Apache may ask one name server'],
  ],
  changes: true,
  parametersOf: (given) => permissionRequest('Authorize', given),
  rowsOf: (_answer, given) => echoRows(given, permissionsFrom(given)),
};
