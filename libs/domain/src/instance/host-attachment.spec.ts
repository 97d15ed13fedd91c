import { describe, expect, it } from 'vitest';
import { decide, evolve, initialCellState, type CellState, type Command, type Event } from '../index.js';

const accountId = '111122223333' as never;
const open: Command = {
  type: 'OpenAccount',
  accountId,
  vpcId: 'vpc-00000001' as never,
  defaultGroupId: 'sg-00000001' as never,
  ruleIds: ['sgr-00000001', 'sgr-00000002', 'sgr-00000003'] as never,
};
const enroll = (hostId: string, range: string, ...addresses: string[]): Command =>
  ({ type: 'EnrollHost', hostId, ranges: [range], addresses }) as never;
const launch = (instanceId: string, more: object = {}): Command =>
  ({
    type: 'LaunchInstances',
    accountId,
    reservationId: 'r-00000001',
    instanceIds: [instanceId],
    atLeast: 1,
    groups: [],
    imageId: 'ami-1',
    instanceType: 't3.micro',
    hostId: 'host-1',
    ...more,
  }) as never;
const HOST = { attachment: 'host' };

function eventsOf(command: Command, state: CellState): readonly Event[] {
  const decision = decide(command, state);
  if (!decision.accepted) throw new Error(`refused: ${JSON.stringify(decision.refusal)}`);
  return decision.events;
}

function given(...commands: readonly Command[]): CellState {
  const state = initialCellState();
  for (const command of commands) for (const event of eventsOf(command, state)) evolve(state, event);
  return state;
}

const codeOf = (command: Command, state: CellState): string | undefined => {
  const decision = decide(command, state);
  return decision.accepted ? undefined : decision.refusal.code;
};

describe('a host that is launched as an instance', () => {
  const enrolled = [open, enroll('host-1', '10.0.1.0/29', '192.0.2.11', '2001:db8::11')];
  const state = given(...enrolled, launch('i-00000001', HOST));

  it('has the addresses that its agent tells, and no interface', () => {
    expect(eventsOf(launch('i-00000001', HOST), given(...enrolled))).toMatchObject([
      { instance: { hostId: 'host-1', interfaceName: '', addresses: ['192.0.2.11', '2001:db8::11'] } },
    ]);
  });

  it.each<[string, Command, string | undefined]>([
    ['twice', launch('i-00000002', HOST), 'AddressTaken'],
    [
      'on a host that tells no addresses',
      launch('i-00000002', { ...HOST, hostId: 'host-2' }),
      'HostNotOffered',
    ],
    ['on no host', launch('i-00000002', { ...HOST, hostId: undefined }), 'HostNotOffered'],
  ])('is refused %s', (_how, command, code) => {
    const both = given(...enrolled, enroll('host-2', '10.0.2.0/29'), launch('i-00000001', HOST));
    expect(codeOf(command, both)).toBe(code);
  });

  it('is one, however many are wanted', () => {
    const ids = { instanceIds: ['i-00000001', 'i-00000002'] };
    expect(codeOf(launch('', { ...HOST, ...ids, atLeast: 2 }), given(...enrolled))).toBe('CapacityExceeded');
    expect(eventsOf(launch('', { ...HOST, ...ids }), given(...enrolled))).toHaveLength(1);
  });

  it('takes no place of those behind it', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((digit) => launch(`i-0000000${digit}`)) as [
      Command,
      Command,
      Command,
    ];
    expect(codeOf(c, given(...enrolled, launch('i-00000001', HOST), a, b))).toBeUndefined();
    expect(eventsOf(b, given(...enrolled, a, launch('i-00000001', HOST)))).toMatchObject([
      { instance: { addresses: ['10.0.1.5'] } },
    ]);
  });

  it('keeps its addresses until its end; its ranges are another matter', () => {
    expect(codeOf(enroll('host-1', '10.0.1.0/29', '192.0.2.12'), state)).toBe('HostAddressesInUse');
    expect(codeOf(enroll('host-1', '10.9.0.0/24', '192.0.2.11', '2001:db8::11'), state)).toBeUndefined();
    expect(eventsOf(enroll('host-1', '10.0.1.0/29', '192.0.2.11', '2001:db8::11'), state)).toEqual([]);
  });
});
