/** A message as it arrives. */
export interface BusMessage {
  readonly subject: string;
  readonly text: string;
  /** Answers whoever asked; does nothing when nobody waits for an answer. */
  readonly respond: (text: string) => void;
}

export interface Subscription {
  /** No message is handed on after this. */
  end(): void;
}

/**
 * Publish and subscribe, and questions with one answer, on subjects such as `rampart.host.host-1`; `*` stands for one
 * part of a subject. What one end publishes arrives at another in the order of its publishing, at most once: a message
 * that is lost stays lost, and whoever must know says what it has.
 */
export interface Bus {
  /** The longest text that a message may have, in bytes. */
  readonly maxPayload: number;

  /**
   * Throws a BusError when the text is too long. While the connection is away, or far behind, messages are lost: nothing
   * is kept without end.
   */
  publish(subject: string, text: string): void;

  /**
   * `handle` is called for one message after the other. What it throws ends the process: an end that goes on without
   * hearing is worse. Of a `queue` of subscribers, one gets each message.
   */
  subscribe(
    subject: string,
    handle: (message: BusMessage) => void,
    options?: { readonly queue?: string },
  ): Subscription;

  /**
   * Asks, and has `take` look at the answer before any message that arrives after it. Resolves with what `take` makes
   * of it, rejects with what it throws, and with a BusError when nobody listens or no answer comes in time.
   */
  ask<T>(
    subject: string,
    text: string,
    timeoutMilliseconds: number,
    take: (answer: BusMessage) => T,
  ): Promise<T>;

  /** Resolves when all that was published and subscribed has reached the other side. */
  flush(): Promise<void>;

  /** Called each time the connection is there again after it was away, or has caught up after messages were lost. */
  onReconnect(listener: () => void): void;

  /** What was published is delivered first. */
  close(): Promise<void>;
}

/** The bus failed; the message says how. */
export class BusError extends Error {
  override readonly name = 'BusError';
}
