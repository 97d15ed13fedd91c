import { describe, expect, it } from 'vitest';
import type { HostDelta } from '#libs/protocol';
import { Fleet } from './fleet.js';
import type { Ground } from './ground/ground.js';
import { LoopbackGround } from './ground/loopback.js';
import type { InstanceMachine, PlacedInstance } from './machines.js';

/** Writes down what is made and removed. */
function recordingGround(log: string[]): Ground {
  const write = async (sign: string, instances: readonly InstanceMachine[]): Promise<void> => {
    await Promise.resolve(); // as namespaces do, it takes a moment
    log.push(...instances.map(({ name }) => `${sign}${name}`));
  };
  return Object.assign(new LoopbackGround(), {
    attach: (instances: readonly InstanceMachine[]) => write('+', instances),
    detach: (instances: readonly InstanceMachine[]) => write('-', instances),
  });
}

const placed = (id: string): PlacedInstance =>
  ({
    instanceId: `i-0000000${id}`,
    host: 'host-1',
    addresses: [`10.0.1.${id}`],
  }) as unknown as PlacedInstance;

const delta = (position: number, previous: number, launched: string[], terminated: string[]): HostDelta => {
  const instances = (ids: string[]): object[] => ids.map((id) => ({ ...placed(id), groups: [] }));
  return {
    type: 'host',
    hostId: 'host-1',
    position,
    previous,
    launched: instances(launched),
    terminated: instances(terminated),
  } as unknown as HostDelta;
};

function fleetOf(running: string[]) {
  const log: string[] = [];
  const ground = recordingGround(log);
  const failures: unknown[] = [];
  let known: readonly string[] = [];
  const fleet = new Fleet(ground, () => Promise.resolve(running.map(placed)), {
    changed: (instances) => (known = instances.map(({ name }) => name)),
    failed: (error) => failures.push(error),
  });
  return { fleet, ground, log, failures, known: () => known };
}

describe('the fleet', () => {
  it('follows launches and terminations in their order', async () => {
    const { fleet, log, known } = fleetOf([]);
    fleet.follow(delta(5, 0, ['4', '5'], []));
    fleet.follow(delta(7, 5, ['6'], ['4']));
    await fleet.settled();
    expect(log).toEqual(['+i-00000004', '+i-00000005', '-i-00000004', '+i-00000006']);
    expect(known()).toEqual(['i-00000005', 'i-00000006']);
  });

  it('calls instances what the story calls them', async () => {
    const { fleet, known } = fleetOf(['4', '5']);
    fleet.name(new Map([['i-00000004' as never, 'mysql-1']]));
    await fleet.reconcile();
    expect(known()).toEqual(['mysql-1', 'i-00000005']);
  });

  it('makes nothing twice, and removes nothing that is not there', async () => {
    const { fleet, log } = fleetOf(['4']);
    await fleet.reconcile();
    await fleet.reconcile();
    fleet.follow(delta(5, 0, ['4'], ['9']));
    await fleet.settled();
    expect(log).toEqual(['+i-00000004']);
  });

  it('compares with everything when a message shows that one before it was missed', async () => {
    const running = ['4'];
    const { fleet, log } = fleetOf(running);
    fleet.follow(delta(5, 0, ['4'], []));
    running.splice(0, 1, '6', '7');
    fleet.follow(delta(9, 8, ['7'], []));
    await fleet.settled();
    expect(log).toEqual(['+i-00000004', '-i-00000004', '+i-00000006', '+i-00000007']);
  });

  it('goes on after a failure', async () => {
    const { fleet, ground, failures, known } = fleetOf([]);
    const attach = ground.attach.bind(ground);
    ground.attach = () => Promise.reject(new Error('no room'));
    fleet.follow(delta(5, 0, ['4'], []));
    await fleet.settled();
    ground.attach = attach;
    fleet.follow(delta(6, 5, ['5'], []));
    await fleet.settled();
    expect(failures).toHaveLength(1);
    expect(known()).toEqual(['i-00000005']);
  });
});
