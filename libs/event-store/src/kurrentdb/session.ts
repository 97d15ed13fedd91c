import { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { EventStoreError } from '../event-store.js';
import type { KurrentDbAddress } from './address.js';

/** A client, from its connection to its end. */
export class Session {
  readonly client: KurrentDBClient;
  readonly #pending = new Set<Promise<unknown>>();

  constructor({ connection, name }: KurrentDbAddress) {
    try {
      this.client = KurrentDBClient.connectionString(connection);
    } catch {
      // What it says of an address that it can't read may repeat the password.
      throw new EventStoreError(`the client of KurrentDB can't use the options in the address of ${name}`);
    }
  }

  async run<T>(work: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    const running = work(this.client);
    this.#pending.add(running);
    try {
      return await running;
    } finally {
      this.#pending.delete(running);
    }
  }

  /** Breaks off what is under way, then closes the connection, which the client would keep for half an hour. */
  end(): void {
    const close = async (): Promise<void> => {
      await this.client.dispose();
      // A call that is only beginning would find it closed, which the client lets nobody catch.
      await Promise.allSettled(this.#pending);
      (await this.client['getChannel']()).close();
    };
    close().catch(() => undefined); // it had none
  }
}
