import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '#libs/bus';
import { compile, contentsOfRuleset, type HostSettings } from '#libs/compiler';
import type { HostId } from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import { digestOf, verifySubject, type ObjectDigest, type VerifyReply } from '#libs/protocol';
import type { Distributor } from '../distribution/distributor.js';
import { hostPolicyOf, recompute } from './recompute.js';

/** One set or chain of which the kernel holds something else than the log says; 0 stands for none at all. */
export interface Difference {
  readonly object: string;
  readonly held: number;
  readonly expected: number;
}

/** `behind`: the host has not got so far yet, so that nothing can be said; else whether its kernel is as the log says. */
export interface Verification {
  readonly hostId: HostId;
  readonly outcome: 'same' | 'different' | 'behind';
  /** Of the sets and chains compared, and of all that is in them. */
  readonly objects: number;
  readonly size: number;
  readonly differences: readonly Difference[];
}

const ANSWER_MS = 5000;
const ATTEMPTS = 5;
const PAUSE_MS = 200;

/**
 * Compares what a host's kernel holds with what the log says that it should: the one is read from the kernel, the other
 * recomputed from the first event on, without any projection that could share a mistake with the host.
 */
export class Verifier {
  readonly #bus: Bus;
  readonly #store: EventStore;
  readonly #distributor: Distributor;

  constructor(bus: Bus, store: EventStore, distributor: Distributor) {
    this.#bus = bus;
    this.#store = store;
    this.#distributor = distributor;
  }

  /** Asks again when changes are on their way. Throws a BusError when the host does not answer. */
  async verify(hostId: HostId): Promise<Verification> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#ask(hostId);
      const expected = await this.#expectedOn(hostId, reply.settings);
      const differences = differencesBetween(reply.objects, expected);
      const isCurrent = this.#distributor.isCurrent(hostId, reply.positions);
      const size = Object.values(expected).reduce((sum, one) => sum + one.size, 0);
      const verification = { hostId, objects: Object.keys(expected).length, size, differences };
      if (differences.length === 0 && isCurrent) return { ...verification, outcome: 'same' };
      if (attempt === ATTEMPTS) return { ...verification, outcome: isCurrent ? 'different' : 'behind' };
      await pause(PAUSE_MS);
    }
  }

  async #expectedOn(hostId: HostId, settings: HostSettings): Promise<VerifyReply['objects']> {
    const ruleset = compile(hostPolicyOf(await recompute(this.#store), hostId), settings);
    return Object.fromEntries(
      [...contentsOfRuleset(ruleset)].map(([name, lines]) => [name, digestOf(lines)]),
    );
  }

  #ask(hostId: HostId): Promise<VerifyReply> {
    return this.#bus.ask(verifySubject(hostId), '', ANSWER_MS, ({ text }) => JSON.parse(text) as VerifyReply);
  }
}

function differencesBetween(
  held: VerifyReply['objects'],
  expected: VerifyReply['objects'],
): readonly Difference[] {
  const names = new Set([...Object.keys(held), ...Object.keys(expected)]);
  const sizeIn = (objects: Readonly<Record<string, ObjectDigest>>, name: string): number =>
    objects[name]?.size ?? 0;
  return [...names]
    .filter((name) => held[name]?.digest !== expected[name]?.digest)
    .map((object) => ({ object, held: sizeIn(held, object), expected: sizeIn(expected, object) }));
}
