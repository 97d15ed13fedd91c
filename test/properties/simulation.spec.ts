import { expect, it, vi } from 'vitest';
import type { Chance } from './support/chance.js';
import { holdTime } from './support/simulated-time.js';
import { Wishes } from './support/wishes.js';
import { World } from './support/world.js';

// Everything but the wire, the disk and the kernel is what runs in production: the command log, the distributor, the
// agents. RAMPART_SEED=7 runs one of them alone.
const SEEDS =
  process.env['RAMPART_SEED']?.split(',').map(Number) ?? Array.from({ length: 200 }, (_, n) => n + 1);
const STEPS = 120;
const HOUR_MS = 3_600_000;
/** The periodic sync, one that is lost on the way excepted. */
const SETTLING_S = 20;

/** Something breaks, or is mended. */
async function mishap(world: World, chance: Chance): Promise<void> {
  const host = chance.pick(world.hosts);
  if (!host) return;
  const controlPlane = chance.pick(world.controlPlanes);
  const happen = chance.among<() => unknown>([
    [4, () => host.connect(chance.is(0.6))],
    [1, () => controlPlane?.bus.disconnect()],
    [2, () => controlPlane?.bus.isConnected === false && controlPlane.bus.reconnect()],
    [4, () => world.killControlPlane()],
    [8, () => world.startControlPlane()],
    [2, () => host.kill()],
    [4, () => host.start()],
    [1, () => host.reboot()],
    [1, () => (host.kill(), host.loseState(), host.start())],
    [1, () => (host.kill(), host.damageState(chance), host.start())],
    [2, () => host.meddle(chance)],
    [1, () => vi.setSystemTime(Date.now() + (chance.below(100) - 50) * HOUR_MS)],
    [world.chance.is(0.1) ? 2 : 0, () => world.restoreBackup()],
  ]);
  await happen?.();
}

async function simulate(seed: number): Promise<void> {
  using world = new World(seed);
  const { chance } = world;
  using _time = holdTime(() => chance.next());
  world.startControlPlane();
  world.startControlPlane();
  await world.pass(100);
  const wishes = new Wishes(world);
  wishes.begin();
  for (const host of world.hosts) host.start();
  for (let step = 0; step < STEPS; step++) {
    await world.pass(chance.below(150));
    if (chance.is(0.25)) await mishap(world, chance);
    else wishes.next();
  }
  world.heal();
  for (let second = 0; second < SETTLING_S; second++) {
    await world.pass(1000);
    if ((await world.shortcomings()).length === 0) break;
  }
  expect(await world.shortcomings()).toEqual([]);
  expect(world.lost).toEqual([]);
}

it(`a cell with every fault at once agrees with its log when they end (${SEEDS.length} seeds)`, async () => {
  for (const seed of SEEDS) {
    try {
      await simulate(seed);
    } catch (error) {
      throw new Error(`RAMPART_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
});
