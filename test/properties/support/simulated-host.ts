import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { MemoryBroker, MemoryBus } from '#libs/bus';
import type { Transaction } from '#libs/compiler';
import type { HostId } from '#libs/domain';
import { FakeDataplane, type CommitOutcome } from '#libs/nftables';
import { EnforcedPolicy } from '../../../apps/host-agent/src/enforcement/enforced-policy.js';
import { HostAgent } from '../../../apps/host-agent/src/host-agent.js';
import { StateFile } from '../../../apps/host-agent/src/state/state-file.js';
import type { Chance } from './chance.js';

const warn = (): void => undefined;

class WatchedDataplane extends FakeDataplane {
  isChanged = false;

  override commit(transaction: Transaction): CommitOutcome {
    this.isChanged = true;
    return super.commit(transaction);
  }
}

/** A machine with a kernel and a disk, and an agent on it that may end at any moment. */
export class SimulatedHost {
  readonly hostId: HostId;
  readonly range: string;
  plane = new WatchedDataplane();
  readonly #broker: MemoryBroker;
  readonly #file: string;
  #bus: MemoryBus | undefined;
  #agent: HostAgent | undefined;

  constructor(broker: MemoryBroker, number: number, folder: string) {
    this.hostId = `host-${number}` as HostId;
    this.range = `10.0.${number}.0/28`;
    this.#broker = broker;
    this.#file = `${folder}/${this.hostId}`;
  }

  /** Ports that its kernel lets through for anybody. */
  get openPorts(): ReadonlySet<number> {
    const permissions = [...this.plane.ruleset.sets.values()].filter(({ set }) =>
      set.name.endsWith('port_16'),
    );
    return new Set(
      permissions.flatMap(({ elements }) => [...elements.values()].map(({ key }) => Number(key.at(-1)))),
    );
  }

  start(): void {
    if (this.#agent) return;
    const bus = this.#broker.connect(this.hostId);
    const policy = EnforcedPolicy.restore(this.plane, new StateFile(this.#file), warn);
    const ranges = [this.range] as never;
    this.#agent = new HostAgent(policy, { hostId: this.hostId, ranges, bus, warn });
    this.#bus = bus;
    void this.#agent.start();
  }

  kill(): void {
    this.#agent?.stop();
    this.#bus?.disconnect();
    void this.#bus?.close();
    this.#agent = this.#bus = undefined;
  }

  /** The kernel forgets everything. */
  reboot(): void {
    this.kill();
    this.plane = new WatchedDataplane();
    this.plane.isChanged = true;
  }

  connect(isConnected: boolean): void {
    if (!this.#bus || this.#bus.isConnected === isConnected) return;
    if (isConnected) this.#bus.reconnect();
    else this.#bus.disconnect();
  }

  loseState(): void {
    rmSync(this.#file, { force: true });
  }

  /** One byte of the stored state becomes another. */
  damageState(chance: Chance): void {
    if (!existsSync(this.#file)) return;
    const bytes = readFileSync(this.#file);
    const at = chance.below(bytes.length);
    const digit = '0'.charCodeAt(0) + chance.below(10);
    bytes[at] = digit;
    writeFileSync(this.#file, bytes);
  }

  /** Somebody takes something out of the table. */
  meddle(chance: Chance): void {
    const filled = [...this.plane.ruleset.sets.values()].filter(({ elements }) => elements.size > 0);
    const content = chance.pick(filled);
    const element = content && chance.pick([...content.elements.values()]);
    if (content && element)
      this.plane.meddle([{ type: 'deleteElements', set: content.set, elements: [element] }]);
  }
}
