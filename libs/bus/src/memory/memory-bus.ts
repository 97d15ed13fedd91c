import { BusError, type Bus, type BusMessage, type Subscription } from '../bus.js';

/** What becomes of one message on its way to one subscriber: the delays of its copies; none for a lost one. */
export type Fate = (subject: string, to: string) => readonly number[];

const ONCE_AT_ONCE: readonly number[] = [0];
const MAX_PAYLOAD = 1024 * 1024;

interface Subscriber {
  readonly end: MemoryBus;
  readonly parts: readonly string[];
  readonly queue: string | undefined;
  readonly handle: (message: BusMessage) => void;
}

/**
 * A broker in memory, for tests and simulations. Delivers as NATS does, never within the call that publishes; `fate`
 * may lose, repeat and delay, and so reorder, what NATS would deliver.
 */
export class MemoryBroker {
  readonly #fate: Fate;
  readonly #subscribers = new Set<Subscriber>();
  #lastInbox = 0;

  constructor(fate: Fate = () => ONCE_AT_ONCE) {
    this.#fate = fate;
  }

  /** One more end, by a name that `fate` is told. */
  connect(name: string): MemoryBus {
    return new MemoryBus(this, name);
  }

  newInbox(): string {
    return `_INBOX.${++this.#lastInbox}`;
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** Whether anybody listens. */
  deliver(subject: string, text: string, reply: string | undefined): boolean {
    const matching = [...this.#subscribers].filter(({ parts }) => matches(parts, subject));
    for (const subscriber of receiversAmong(matching)) {
      const { end } = subscriber;
      for (const delay of this.#fate(subject, end.name))
        setTimeout(() => this.#hand(subscriber, subject, text, reply), delay);
    }
    return matching.length > 0;
  }

  #hand(subscriber: Subscriber, subject: string, text: string, reply: string | undefined): void {
    if (!this.#subscribers.has(subscriber) || !subscriber.end.isConnected) return;
    const respond = (answer: string): void => {
      if (reply !== undefined && subscriber.end.isConnected) this.deliver(reply, answer, undefined);
    };
    subscriber.handle({ subject, text, respond });
  }
}

export class MemoryBus implements Bus {
  readonly name: string;
  readonly maxPayload = MAX_PAYLOAD;
  readonly #broker: MemoryBroker;
  readonly #subscribers = new Set<Subscriber>();
  readonly #listeners: (() => void)[] = [];
  #isConnected = true;

  constructor(broker: MemoryBroker, name: string) {
    this.#broker = broker;
    this.name = name;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** From now on nothing gets through, either way. */
  disconnect(): void {
    this.#isConnected = false;
  }

  reconnect(): void {
    this.#isConnected = true;
    for (const listener of this.#listeners) listener();
  }

  publish(subject: string, text: string): void {
    this.#publish(subject, text, undefined);
  }

  subscribe(
    subject: string,
    handle: (message: BusMessage) => void,
    { queue }: { readonly queue?: string } = {},
  ): Subscription {
    const subscriber = { end: this, parts: subject.split('.'), queue, handle };
    this.#subscribers.add(subscriber);
    this.#broker.add(subscriber);
    return {
      end: () => {
        this.#subscribers.delete(subscriber);
        this.#broker.remove(subscriber);
      },
    };
  }

  ask<T>(
    subject: string,
    text: string,
    timeoutMilliseconds: number,
    take: (answer: BusMessage) => T,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const inbox = this.#broker.newInbox();
    const finish = (): void => {
      answers.end();
      clearTimeout(timer);
    };
    const fail = (why: string): void => {
      finish();
      reject(new BusError(`no answer on ${subject}: ${why}`));
    };
    const timer = setTimeout(() => fail('timeout'), timeoutMilliseconds);
    const answers = this.subscribe(inbox, (message) => {
      finish();
      try {
        resolve(take(message));
      } catch (thrown) {
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    });
    try {
      if (!this.#publish(subject, text, inbox) && this.#isConnected) fail('nobody listens');
    } catch (error) {
      fail((error as Error).message);
    }
    return promise;
  }

  async flush(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  onReconnect(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    await this.flush();
    for (const subscriber of this.#subscribers) this.#broker.remove(subscriber);
    this.#isConnected = false;
  }

  #publish(subject: string, text: string, reply: string | undefined): boolean {
    if (Buffer.byteLength(text) > this.maxPayload)
      throw new BusError(`a message on ${subject} is longer than the ${this.maxPayload} bytes that may be`);
    return this.#isConnected && this.#broker.deliver(subject, text, reply);
  }
}

/** Of those who share a queue, any one. */
function receiversAmong(matching: readonly Subscriber[]): readonly Subscriber[] {
  return [...Map.groupBy(matching, ({ queue }) => queue)].flatMap(([queue, members]) =>
    queue === undefined ? members : members.slice(Math.floor(Math.random() * members.length)).slice(0, 1),
  );
}

function matches(parts: readonly string[], subject: string): boolean {
  const given = subject.split('.');
  return given.length === parts.length && parts.every((part, index) => part === '*' || part === given[index]);
}
