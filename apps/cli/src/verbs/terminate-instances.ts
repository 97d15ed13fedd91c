import { listed } from '../parameters.js';
import type { Verb } from '../verb.js';

export const terminateInstances: Verb = {
  summary: 'Terminates instances, all of those named or none. What is terminated already stays so.',
  operands: '<instance...>',
  completes: 'instance',
  flags: [],
  examples: [
    [
      "$(ec2-run-instances ami-12345678 | awk '/^INSTANCE/ { print $2 }')",
      'prints the state before and the state now',
    ],
    [
      "$(ec2-run-instances ami-12345678 -n 2 | awk '/^INSTANCE/ { print $2 }') --wait",
      'several, and no host knows them any more when it returns',
    ],
  ],
  changes: true,
  headers: [['INSTANCE', 'InstanceId', 'PreviousState', 'CurrentState']],
  parametersOf: ({ operands }) => ({ Action: 'TerminateInstances', ...listed('InstanceId', operands) }),
  rowsOf: (answer) =>
    answer
      .items('instancesSet')
      .map((instance) => [
        'INSTANCE',
        instance.text('instanceId'),
        instance.text('previousState.name'),
        instance.text('currentState.name'),
      ]),
};
