import { listed } from '../parameters.js';
import type { Verb } from '../verb.js';

export const terminateInstances: Verb = {
  summary: 'Terminates instances, all of those named or none. What is terminated already stays so.',
  operands: '<instance...>',
  flags: [],
  examples: [
    ['i-0123456789abcdef0', 'prints the state before and the state now'],
    ['i-0123456789abcdef0 i-0123456789abcdef1 --wait', 'and returns once every host enforces it'],
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
