import { createServer } from 'node:net';
import type { Command } from '../processes/command.js';
import { LOOPBACK, portTaken } from './doorways.js';
import type { Doorway, Ground } from './ground.js';

/** No kernel to be had: everything on loopback, and agents that answer what would become of a packet. */
export class LoopbackGround implements Ground {
  readonly mode = 'fake';
  readonly #ports = new Map<Doorway, number>();

  namespaceFor(): null {
    return null;
  }

  lay(): Promise<void> {
    return Promise.resolve();
  }

  /** The programs listen themselves; this only finds out in time that they could not. */
  async open(doorway: Doorway, port: number): Promise<void> {
    const trial = createServer();
    await new Promise<void>((resolve, reject) => {
      trial.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? portTaken(doorway, port) : error),
      );
      trial.listen(port, LOOPBACK, resolve);
    });
    await new Promise((resolve) => trial.close(resolve));
    this.#ports.set(doorway, port);
  }

  place(command: Command): Command {
    return command;
  }

  get natsListen(): string {
    return `nats://${LOOPBACK}:${this.#ports.get('nats')}`;
  }

  natsUrl(): string {
    return this.natsListen;
  }

  relay(): undefined {
    return undefined;
  }

  attach(): Promise<void> {
    return Promise.resolve();
  }

  detach(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
