import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { membersSubject, prefixesSubject, rulesSubject, type Delta } from '#libs/protocol';
import type { AgentPolicy } from './policy/agent-policy.js';

/** Keeps the subscriptions at what the policy wants, and hands on every delta that arrives. */
export class Following {
  readonly #connection: NatsConnection;
  readonly #receive: (delta: Delta) => void;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(connection: NatsConnection, receive: (delta: Delta) => void) {
    this.#connection = connection;
    this.#receive = receive;
  }

  follow(subject: string): void {
    if (this.#subscriptions.has(subject)) return;
    const callback = (error: Error | null, message: { json<T>(): T }): void => {
      if (error) return;
      try {
        this.#receive(message.json<Delta>());
      } catch (cause) {
        // Thrown from here, it would only end the connection, and the agent would live on without hearing anything.
        // So it ends the agent: whoever starts it again has it read the kernel and make it right.
        queueMicrotask(() => {
          throw cause;
        });
      }
    };
    this.#subscriptions.set(subject, this.#connection.subscribe(subject, { callback }));
  }

  /** Whether all that is wanted is followed; what is not may change unheard. */
  isComplete(policy: AgentPolicy): boolean {
    return subjectsOf(policy).every((subject) => this.#subscriptions.has(subject));
  }

  /** Follows what is newly wanted, and leaves what no longer is. Resolves when the server knows. */
  async adjust(policy: AgentPolicy, always: string): Promise<void> {
    const wanted = new Set([always, ...subjectsOf(policy)]);
    for (const [subject, subscription] of this.#subscriptions) {
      if (wanted.has(subject)) continue;
      subscription.unsubscribe();
      this.#subscriptions.delete(subject);
    }
    for (const subject of wanted) this.follow(subject);
    await this.#connection.flush();
  }
}

const subjectsOf = ({ wanted: { rules, members, prefixes } }: AgentPolicy): readonly string[] => [
  ...[...rules].map(rulesSubject),
  ...[...members].map(membersSubject),
  ...[...prefixes].map(prefixesSubject),
];
