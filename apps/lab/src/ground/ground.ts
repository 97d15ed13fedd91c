import type { AnyMachine, InstanceMachine } from '../machines.js';
import type { Command } from '../processes/command.js';

/** The parts of the lab that listen for people. */
export type Doorway = 'api' | 'nats';

/** What the lab stands on: namespaces joined by links, or nothing but loopback. */
export interface Ground {
  readonly mode: 'kernel' | 'fake';
  /** The name of a machine's namespace; null where there are none. */
  namespaceFor(name: string): string | null;
  /** Makes the fabric, the hosts and the client. */
  lay(machines: readonly AnyMachine[]): Promise<void>;
  /** Fails, saying what to do, when someone else has the port. */
  open(doorway: Doorway, port: number): Promise<void>;
  /** The same command, placed: started on that machine, with that doorway handed over. */
  place(command: Command, machine: string, doorway?: Doorway): Command;
  /** Where nats-server listens, as a URL. */
  readonly natsListen: string;
  /** NATS's address, as seen from that machine. */
  natsUrl(machine: string): string;
  /** What stands between people and nats-server, where something does. */
  relay(): Command | undefined;
  /** The instances are there, and serve. */
  attach(instances: readonly InstanceMachine[]): Promise<void>;
  detach(instances: readonly InstanceMachine[]): Promise<void>;
  /** Removes all that it made. */
  [Symbol.asyncDispose](): Promise<void>;
}
