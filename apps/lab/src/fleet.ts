import type { HostId, InstanceId, LogPosition } from '#libs/domain';
import type { HostDelta } from '#libs/protocol';
import type { Ground } from './ground/ground.js';
import { instanceMachine, type InstanceMachine, type PlacedInstance } from './machines.js';

export interface FleetEvents {
  readonly changed: (instances: readonly InstanceMachine[]) => void;
  readonly failed: (error: unknown) => void;
}

/** The instances as they stand in the lab, which follow what the control plane says is launched and terminated. */
export class Fleet {
  readonly #ground: Ground;
  readonly #describe: () => Promise<readonly PlacedInstance[]>;
  readonly #events: FleetEvents;
  readonly #instances = new Map<InstanceId, InstanceMachine>();
  readonly #positions = new Map<HostId, LogPosition>();
  #names: ReadonlyMap<InstanceId, string> = new Map();
  /** One change after another: links are made and removed in the order of the log. */
  #work: Promise<void> = Promise.resolve();

  constructor(ground: Ground, describe: () => Promise<readonly PlacedInstance[]>, events: FleetEvents) {
    this.#ground = ground;
    this.#describe = describe;
    this.#events = events;
  }

  /** What to call instances; all others are called by their ids. */
  name(names: ReadonlyMap<InstanceId, string>): void {
    this.#names = names;
  }

  /** Makes and removes what a host's message says; a message missed shows by the next one's `previous`. */
  follow(delta: HostDelta): void {
    const { hostId, launched, terminated, position, previous } = delta;
    const known = this.#positions.get(hostId);
    this.#positions.set(hostId, position);
    if (known !== undefined && known !== previous) return void this.reconcile();
    const placed = launched.map(({ instanceId, addresses }) => ({ instanceId, host: hostId, addresses }));
    void this.#then(() =>
      this.#change(
        placed,
        terminated.map(({ instanceId }) => instanceId),
      ),
    );
  }

  /** Compares with all that runs now: at the start, and whenever something may have been missed. */
  reconcile(): Promise<void> {
    return this.#then(async () => {
      const running = await this.#describe();
      const ids = new Set(running.map(({ instanceId }) => instanceId));
      await this.#change(
        running,
        [...this.#instances.keys()].filter((id) => !ids.has(id)),
      );
    });
  }

  async #change(launched: readonly PlacedInstance[], terminated: readonly InstanceId[]): Promise<void> {
    const isNew = ({ instanceId }: PlacedInstance): boolean => !this.#instances.has(instanceId);
    const namespaceFor = (name: string): string | null => this.#ground.namespaceFor(name);
    const added = launched
      .filter(isNew)
      .map((one) => instanceMachine(one, this.#names.get(one.instanceId) ?? one.instanceId, namespaceFor));
    const removed = terminated.flatMap((id) => this.#instances.get(id) ?? []);
    for (const { id } of removed) this.#instances.delete(id);
    await this.#ground.detach(removed);
    await this.#ground.attach(added);
    for (const one of added) this.#instances.set(one.id, one);
    if (added.length + removed.length > 0) this.#events.changed([...this.#instances.values()]);
  }

  #then(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step).catch(this.#events.failed);
    return this.#work;
  }

  /** When what has been asked for so far is done. */
  settled(): Promise<void> {
    return this.#work;
  }
}
