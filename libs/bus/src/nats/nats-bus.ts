import { createInbox, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { Outflow } from './outflow.js';
import { BusError, type Bus, type BusMessage, type Subscription } from '../bus.js';

export interface NatsSettings {
  readonly servers: string;
  readonly user?: string;
  readonly pass?: string;
  /** NATS's permissions let a user hear answers on its own inbox only. */
  readonly inboxPrefix?: string;
}

/** Of a server and, where it asks for one, a user; answers then come on `_INBOX_<user>`. */
export function natsSettingsFrom(servers: string, user?: string, pass?: string): NatsSettings {
  if (user === undefined) return { servers };
  return { servers, user, ...(pass === undefined ? {} : { pass }), inboxPrefix: `_INBOX_${user}` };
}

const RECONNECT_MS = 250;
/** Many ends lose a server at the same moment; they come back one after the other. */
const JITTER_MS = 500;
/** What nats-server takes when it says nothing else. */
const DEFAULT_PAYLOAD = 1024 * 1024;
/** The status of an answer that nobody gave (NATS protocol, "No Responders"). */
const NO_RESPONDERS = 503;
const PATIENCE_MS = 2000;
/** A server that is gone without a word is noticed after two of these. */
const PING_MS = 5000;
const MOST_UNDER_WAY = 64 * 1024 * 1024;

/**
 * Connects and stays connected for ever; waits for a server as long as it takes, and has `warn` say so when it takes
 * long. Throws a BusError when the server refuses.
 */
export async function openNatsBus(
  settings: NatsSettings,
  name: string,
  warn: (message: string) => void,
): Promise<NatsBus> {
  const notice = setTimeout(
    () => warn(`still waiting for a nats-server at ${settings.servers}`),
    PATIENCE_MS,
  );
  try {
    const connection = await connect({
      ...settings,
      name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: JITTER_MS,
      pingInterval: PING_MS,
      waitOnFirstConnect: true,
    });
    return new NatsBus(connection, settings.inboxPrefix);
  } catch (error) {
    const reason = (error as Error).message;
    throw new BusError(`the nats-server at ${settings.servers} says: ${reason}`, { cause: error });
  } finally {
    clearTimeout(notice);
  }
}

export class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #inboxPrefix: string | undefined;
  readonly #listeners: (() => void)[] = [];
  readonly #outflow: Outflow;
  #isConnected = true;

  constructor(connection: NatsConnection, inboxPrefix?: string) {
    this.#connection = connection;
    this.#inboxPrefix = inboxPrefix;
    this.#outflow = new Outflow(
      MOST_UNDER_WAY,
      () => connection.flush(),
      () => this.#tellReconnected(),
    );
    void this.#watch();
  }

  get maxPayload(): number {
    return this.#connection.info?.max_payload ?? DEFAULT_PAYLOAD;
  }

  publish(subject: string, text: string): void {
    const data = Buffer.from(text);
    // What is published while the connection is away is dropped: whoever listens to `onReconnect` says it anew.
    if (this.#isConnected && this.#outflow.take(data.length)) this.#publish(subject, data);
  }

  subscribe(
    subject: string,
    handle: (message: BusMessage) => void,
    options: { readonly queue?: string } = {},
  ): Subscription {
    const subscription = this.#connection.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        if (!error) orEnd(() => handle(this.#messageOf(message)));
      },
    });
    return { end: () => subscription.unsubscribe() };
  }

  ask<T>(
    subject: string,
    text: string,
    timeoutMilliseconds: number,
    take: (answer: BusMessage) => T,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const failed = (cause: unknown): BusError =>
      new BusError(`no answer on ${subject}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    const inbox = createInbox(this.#inboxPrefix);
    const answers = this.#connection.subscribe(inbox, {
      max: 1,
      timeout: timeoutMilliseconds,
      callback: (error, message) => {
        if (error) return reject(failed(error));
        if (message.headers?.code === NO_RESPONDERS) return reject(failed('nobody listens'));
        try {
          resolve(take(this.#messageOf(message)));
        } catch (thrown) {
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        }
      },
    });
    void answers.closed.then(() => reject(failed('the connection closed')));
    try {
      this.#publish(subject, Buffer.from(text), inbox);
    } catch (error) {
      answers.unsubscribe();
      reject(error instanceof Error ? error : failed(error));
    }
    return promise;
  }

  async flush(): Promise<void> {
    await this.#connection.flush();
  }

  onReconnect(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    if (!this.#connection.isClosed() && !this.#connection.isDraining()) await this.#connection.drain();
  }

  #publish(subject: string, data: Buffer, reply?: string): void {
    if (this.#connection.isClosed() || this.#connection.isDraining()) return;
    if (data.length > this.maxPayload)
      throw new BusError(`a message on ${subject} is longer than the ${this.maxPayload} bytes that may be`);
    this.#connection.publish(subject, data, reply === undefined ? {} : { reply });
  }

  #messageOf(message: Msg): BusMessage {
    return {
      subject: message.subject,
      text: message.string(),
      respond: (text) => {
        if (message.reply !== undefined && message.reply !== '') this.publish(message.reply, text);
      },
    };
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'disconnect') this.#isConnected = false;
      if (type === 'reconnect') {
        this.#isConnected = true;
        this.#tellReconnected();
      }
    }
  }

  #tellReconnected(): void {
    for (const listener of this.#listeners) orEnd(listener);
  }
}

/**
 * Thrown within a callback of the NATS client, it would only end the connection, and the process would live on without
 * hearing anything. So it ends the process.
 */
function orEnd(work: () => void): void {
  try {
    work();
  } catch (cause) {
    queueMicrotask(() => {
      throw cause;
    });
  }
}
