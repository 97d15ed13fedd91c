import type { Bus, Subscription } from '#libs/bus';
import { membersSubject, prefixesSubject, rulesSubject, type Delta } from '#libs/protocol';
import type { AgentPolicy } from './policy/agent-policy.js';

export interface DeltaListener {
  receive(delta: Delta): void;
  misunderstand(error: unknown): void;
}

/** Keeps the subscriptions at what the policy wants, and hands on every delta that arrives. */
export class Following {
  readonly #bus: Bus;
  readonly #listener: DeltaListener;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(bus: Bus, listener: DeltaListener) {
    this.#bus = bus;
    this.#listener = listener;
  }

  follow(subject: string): void {
    if (this.#subscriptions.has(subject)) return;
    this.#subscriptions.set(
      subject,
      this.#bus.subscribe(subject, ({ text }) => this.#hear(text)),
    );
  }

  #hear(text: string): void {
    let delta: Delta;
    try {
      delta = JSON.parse(text) as Delta;
    } catch (error) {
      return this.#listener.misunderstand(error);
    }
    this.#listener.receive(delta);
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
      subscription.end();
      this.#subscriptions.delete(subject);
    }
    for (const subject of wanted) this.follow(subject);
    await this.#bus.flush();
  }
}

const subjectsOf = ({ wanted: { rules, members, prefixes } }: AgentPolicy): readonly string[] => [
  ...[...rules].map(rulesSubject),
  ...[...members].map(membersSubject),
  ...[...prefixes].map(prefixesSubject),
];
