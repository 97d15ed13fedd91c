import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, difference } from '#libs/compiler';
import {
  decide,
  evolve,
  familyOf,
  permits,
  policyOf,
  type CellState,
  type IpAddress,
  type Packet,
} from '#libs/domain';
import { openMemoryEventStore } from '#libs/event-store';
import { NetlinkDataplane } from '#libs/nftables';
import { flowOf, textOfTrial, type Trial } from '../../apps/lab/src/reach/traffic.js';
import { Cell, createGroup } from '../support/cell.js';
import { hostPolicyOf, recompute } from '../support/oracle.js';
import { Fleet } from './support/fleet.js';
import { noKernel } from './support/namespace.js';
import { expectListed, listed } from './support/nft-listing.js';
import { Conversation, Echo, reaches } from './support/packets.js';
import { commandFor, randomWishes } from './support/random-changes.js';

const CHANGES = 1_000;
const CHECKPOINTS = 10;
const AT_ONCE = 10;
const PROBES = 100;
const CONVERSATIONS = 10;
const PORTS = [22, 79, 80, 81, 1023, 1024, 4096];

interface Place {
  readonly namespace: string;
  readonly addresses: readonly IpAddress[];
}

interface Journey extends Packet {
  readonly what: string;
  readonly trial: Trial;
  readonly namespace: string;
}

/** Small numbers that look random and are the same for the same seed. */
function chanceFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe.skipIf(noKernel)(`random changes, in the kernel${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  const seed = Number(process.env['RAMPART_SEED'] ?? Date.now() % 2 ** 31);
  const chance = chanceFrom(seed);
  const store = openMemoryEventStore();
  const planes = new Map<string, NetlinkDataplane>();
  const answering = new Map<string, Echo>();
  const conversations: [Journey, Conversation][] = [];
  const seen = new Map<boolean, number>();
  let answeringOutside: Echo;
  let fleet: Fleet;
  let cell: Cell;
  let model: CellState;

  beforeAll(async () => {
    [fleet, cell] = await Promise.all([Fleet.lay(2), Cell.open(store)]);
    for (const host of fleet.hosts) {
      const plane = new NetlinkDataplane({ netns: fleet.groundOf(host).path });
      planes.set(host.id, plane);
      await cell.startHost(host.id, host.ranges, plane);
    }
    for (const name of ['a', 'b', 'c', 'd']) await cell.execute(createGroup(name));
    ({ state: model } = await recompute(store));
    answeringOutside = new Echo(internet().namespace, PORTS);
  });

  afterAll(async () => {
    await cell[Symbol.asyncDispose]();
    for (const [, talk] of conversations) talk[Symbol.dispose]();
    for (const echo of [...answering.values(), answeringOutside]) echo[Symbol.dispose]();
    for (const plane of planes.values()) plane[Symbol.dispose]();
    await fleet[Symbol.asyncDispose]();
  });

  /** Sends as many as that, some at once; each is decided on the model too, which must come to the same. */
  async function change(wishes: Iterator<ReturnType<typeof randomWishes>[number]>, count: number) {
    for (let sent = 0; sent < count;) {
      const burst: Promise<{ readonly position: number }>[] = [];
      for (const size = 1 + chance(AT_ONCE); burst.length < Math.min(size, count - sent);) {
        const command = commandFor(wishes.next().value as never, model);
        const decision = command && decide(command, model);
        if (!command || !decision?.accepted || decision.events.length === 0) continue;
        for (const event of decision.events) evolve(model, event);
        burst.push(cell.execute(command));
      }
      sent += burst.length;
      for (const { position } of await Promise.all(burst)) {
        const { concerned, enforced, waitingFor } = await cell.receipts.wait(position, 10_000);
        expect({ seed, position, enforced, waitingFor }).toMatchObject({ enforced: concerned });
      }
    }
  }

  async function expectKernels(): Promise<void> {
    const recomputed = await recompute(store);
    expect(recomputed.state).toEqual(model);
    for (const host of fleet.hosts) {
      const fresh = compile(hostPolicyOf(recomputed, host.id));
      expect(difference(planes.get(host.id)?.read(), fresh)).toEqual([]);
      expectListed(listed(fleet.groundOf(host)), fresh);
    }
  }

  const internet = (): Place => ({
    namespace: String(fleet.internet.namespace),
    addresses: fleet.internet.addresses,
  });

  /** The instances as they are now, with servers in them, and internet. */
  async function places(): Promise<readonly Place[]> {
    const running = [...model.instances.values()];
    for (const [id, echo] of answering) {
      if (model.instances.has(id as never)) continue;
      echo[Symbol.dispose]();
      answering.delete(id);
    }
    await fleet.keepOnly(model.instances);
    const added = running.filter(({ instanceId }) => !answering.has(instanceId));
    await fleet.attach(added);
    const placed = running.map((one) => ({ namespace: fleet.namespaceOf(one), addresses: one.addresses }));
    for (const one of added) answering.set(one.instanceId, new Echo(fleet.namespaceOf(one), PORTS));
    return [...placed, internet()];
  }

  const randomTrial = (): Trial => ({
    protocol: chance(2) === 0 ? 'tcp' : 'udp',
    port: PORTS[chance(PORTS.length)] ?? 80,
  });

  /** A packet from one place to any other. */
  function journeyFrom(all: readonly Place[], from: number, trial: Trial): Journey {
    const family = chance(2) === 0 ? 4 : 6;
    const to = chance(all.length - 1);
    const [sender, receiver] = [all[from], all[to < from ? to : to + 1]];
    const at = (place?: Place): IpAddress | undefined =>
      place?.addresses.find((one) => familyOf(one) === family);
    const [source, destination] = [at(sender), at(receiver)];
    if (!sender || !source || !destination) throw new Error('everyone has both families');
    const what = `${source} > ${destination} ${textOfTrial(trial)}`;
    return { what, trial, namespace: sender.namespace, source, destination, flow: flowOf(trial, family) };
  }

  /** Many at once; of pings one from each place, as their answers look alike. */
  const journeys = (all: readonly Place[]): readonly Journey[] => [
    ...Array.from({ length: PROBES }, () => journeyFrom(all, chance(all.length), randomTrial())),
    ...all.map((_, from) => journeyFrom(all, from, { protocol: 'icmp' })),
  ];

  const judge = async (journey: Journey, arrives: Promise<boolean>): Promise<void> => {
    const permitted = permits(policyOf(model), journey);
    const { what } = journey;
    expect({ what, arrives: await arrives }).toEqual({ what, arrives: permitted });
    seen.set(permitted, (seen.get(permitted) ?? 0) + 1);
  };

  /** Connections from before the last changes are judged by what holds now; then some are begun for the next time. */
  async function converse(all: readonly Place[], tried: readonly Journey[]): Promise<void> {
    const running = new Set(all.flatMap(({ addresses }) => addresses));
    for (const [journey, talk] of conversations.splice(0)) {
      using open = talk;
      const isOver = !running.has(journey.source) || !running.has(journey.destination);
      if (!isOver) await judge(journey, open.hears('still there?'));
    }
    const begun = tried.filter(
      ({ trial, ...packet }) => trial.protocol === 'tcp' && permits(policyOf(model), packet),
    );
    for (const journey of begun.slice(0, CONVERSATIONS)) {
      const { namespace, destination, flow } = journey;
      conversations.push([journey, await Conversation.open(namespace, destination, flow.port ?? 0)]);
    }
  }

  it(`leave each kernel as a fresh compile, and packets go where permits() says (RAMPART_SEED=${seed})`, async () => {
    const wishes = randomWishes(seed, CHANGES * 3)[Symbol.iterator]();
    for (let checkpoint = 0; checkpoint < CHECKPOINTS; checkpoint++) {
      await change(wishes, CHANGES / CHECKPOINTS);
      await expectKernels();
      const all = await places();
      const tried = journeys(all);
      await Promise.all(tried.map((one) => judge(one, reaches(one.namespace, one.destination, one.trial))));
      await converse(all, tried);
    }
    expect(seen.size, 'some packets must pass and some must not').toBe(2);
  });
});
