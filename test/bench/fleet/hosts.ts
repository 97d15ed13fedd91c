import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cidr, HostId } from '#libs/domain';

/** What a process of hosts is told, and says when it is done: connect, come in sync, end. */
export type Order = 'start' | 'sync' | 'stop';

export const hostName = (number: number): HostId => `host-${number}` as HostId;
export const rangeOf = (number: number): Cidr => `10.${number >> 8}.${number & 255}.0/24` as Cidr;

/** Two processes leave a core's worth to the others on a machine with few. */
const PROCESSES = 2;
const MEMORY = '/dev/shm';

/** Hosts `1` to `count`, many to a process, enforcing on fake dataplanes. */
export class Hosts implements AsyncDisposable {
  readonly #processes: readonly ChildProcess[];
  readonly #states: string;

  private constructor(processes: readonly ChildProcess[], states: string) {
    this.#processes = processes;
    this.#states = states;
  }

  /** Connected, but not yet in sync. The states of all are kept in memory: thousands of hosts have more than one disk. */
  static async start(count: number, natsUrl: string): Promise<Hosts> {
    const states = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'rampart-bench-'));
    const program = new URL('host-process.js', import.meta.url);
    const share = Math.ceil(count / PROCESSES);
    const processes = Array.from({ length: PROCESSES }, (_, index) => {
      const first = 1 + index * share;
      const own = Math.max(0, Math.min(share, count + 1 - first));
      return fork(program, [natsUrl, states, String(first), String(own)]);
    });
    const hosts = new Hosts(processes, states);
    await hosts.#tell('start');
    return hosts;
  }

  /** Of the processes. */
  get pids(): readonly number[] {
    return this.#processes.flatMap(({ pid }) => pid ?? []);
  }

  /** Resolves when every host enforces what the log says. */
  async sync(): Promise<void> {
    await this.#tell('sync');
  }

  /** All agents at once, connections and all; resolves when all are in sync again. */
  async restart(): Promise<void> {
    await this.#tell('stop');
    await this.#tell('start');
    await this.#tell('sync');
  }

  async #tell(order: Order): Promise<void> {
    const answers = this.#processes.map((one) =>
      once(one, 'message', { signal: AbortSignal.timeout(120_000) }),
    );
    for (const one of this.#processes) one.send(order);
    await Promise.all(answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tell('stop');
    const gone = this.#processes.map((one) => once(one, 'exit'));
    for (const one of this.#processes) one.disconnect();
    await Promise.all(gone);
    rmSync(this.#states, { recursive: true });
  }
}
