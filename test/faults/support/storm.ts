import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Plant } from './plant.js';

const CLIENTS = 4;
const RETRY_MS = 20;
const PEERS = [
  { cidr: '198.51.100.0/24' },
  { cidr: 'fd00::/16' },
  { group: 'storm-0' },
  { group: 'storm-1' },
];

/** Groups that the storm's changes are about, and the host that each is on. */
export const STORM_GROUPS = [
  ['storm-0', 'host-1'],
  ['storm-1', 'host-2'],
] as const;

/** The ports that its rules open and close. */
export const STORM_PORTS = Array.from({ length: 20 }, (_, index) => 2_000 + index);

/** Clients that change rules, launch and terminate without a pause, whatever becomes of those who should answer. */
export class Storm {
  readonly acknowledged: Answer[] = [];
  readonly #plant: Plant;
  readonly #clients: Promise<void>[];
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;
  #isOver = false;

  constructor(plant: Plant) {
    this.#plant = plant;
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client());
  }

  /** Resolves when so many more were acknowledged. */
  more(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { count: this.acknowledged.length + count, resolve };
    return promise;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #client(): Promise<void> {
    let launched: string | undefined;
    while (!this.#isOver) {
      const answer = await this.#plant.ask(Math.random() < 0.1 ? launchOrEnd(launched) : randomRule());
      if (!answer) await sleep(RETRY_MS);
      if (!answer?.accepted) continue;
      for (const event of answer.events) {
        if (event.type === 'InstanceLaunched') launched = event.instance.instanceId;
        if (event.type === 'InstanceTerminated') launched = undefined;
      }
      this.#acknowledge(answer);
    }
  }

  #acknowledge(answer: Answer): void {
    this.acknowledged.push(answer);
    if (this.#waiting && this.acknowledged.length >= this.#waiting.count) this.#waiting.resolve();
  }
}

const pick = <Item>(all: readonly Item[]): Item => all[Math.floor(Math.random() * all.length)] as Item;

const launchOrEnd = (launched: string | undefined): object => {
  const [group, host] = pick(STORM_GROUPS);
  return launched === undefined
    ? { type: 'LaunchInstances', groups: [group], host }
    : { type: 'TerminateInstances', instanceIds: [launched] };
};

const randomRule = (): object => {
  const port = pick(STORM_PORTS);
  return {
    type: pick(['AuthorizeRules', 'RevokeRules']),
    group: pick(STORM_GROUPS)[0],
    rules: [{ protocol: 'tcp', from: port, to: port, ...pick(PEERS) }],
  };
};
