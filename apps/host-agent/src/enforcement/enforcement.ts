import {
  difference,
  keyText,
  operationText,
  ownerOf,
  without,
  type Ruleset,
  type Transaction,
  type Withheld,
} from '#libs/compiler';
import type { Dataplane } from '#libs/nftables';
import type { ChainName } from '#libs/protocol';
import type { AgentPolicy } from '../policy/agent-policy.js';

/** A chain of which the kernel does not take something, and why. */
export interface RefusedChain {
  readonly name: ChainName;
  readonly reason: string;
}

/** What somebody else had made of the table, as what it took to undo it. */
export interface Drift {
  readonly operations: number;
  /** In nft's words, the first few of them. */
  readonly undone: readonly string[];
}

/** So many things are left out one by one; with more, the kernel is not what this program is made for. */
const MOST_WITHHELD = 100;
const SHOWN_OPERATIONS = 5;

type Known = Withheld & { readonly reason: string };

/**
 * Has the kernel hold what the policy says. As long as nothing is in the way, a change is one transaction of what
 * changed. When the kernel refuses something, the table is read and made right, without just that: one bad object
 * neither opens nor stalls the others.
 */
export class Enforcement {
  readonly #dataplane: Dataplane;
  readonly #policy: AgentPolicy;
  readonly #withheld = new Map<string, Known>();
  /** Why nothing at all could be changed; the kernel is as it was before. */
  #failure: string | undefined;
  /** Whether the kernel is known to hold all of the policy, so that it can be told changes only. */
  #isExact = false;

  constructor(dataplane: Dataplane, policy: AgentPolicy) {
    this.#dataplane = dataplane;
    this.#policy = policy;
  }

  /** The chains of which something is not enforced, each with a reason. */
  get refused(): readonly RefusedChain[] {
    const failure = this.#failure;
    if (failure !== undefined) return this.#policy.chainNames.map((name) => ({ name, reason: failure }));
    const chains = [...this.#withheld.values()].flatMap((known) =>
      this.#ownersOf(known).flatMap((owner) => {
        const name = this.#policy.chainOf(owner);
        return name ? [{ name, reason: known.reason }] : [];
      }),
    );
    return chains;
  }

  /** Has the kernel take what changed in the policy. Throws a DataplaneError when the way to the kernel is broken. */
  commit(): void {
    const transaction = this.#policy.takeTransaction();
    if (this.#isExact && (transaction.length === 0 || this.#dataplane.commit(transaction).committed)) return;
    this.#makeRight();
  }

  /** Tries again what was left out. */
  retry(): void {
    this.#withheld.clear();
    this.#makeRight();
  }

  /** Looks whether the table is as it should be, and makes it so; undefined when nobody meddled. */
  check(): Drift | undefined {
    if (!this.#dataplane.wasTouched()) return undefined;
    this.#policy.takeTransaction();
    const needed = this.#makeRight();
    this.#dataplane.wasTouched();
    if (needed.length === 0) return undefined;
    return { operations: needed.length, undone: needed.slice(0, SHOWN_OPERATIONS).map(operationText) };
  }

  /** Reads the table, and changes what is not as it should be; yields what that took. */
  #makeRight(): Transaction {
    this.#failure = undefined;
    for (;;) {
      const needed = difference(
        this.#dataplane.read(),
        without(this.#desired(), [...this.#withheld.values()]),
      );
      const outcome = this.#dataplane.commit(needed);
      if (outcome.committed) {
        this.#isExact = this.#withheld.size === 0;
        return needed;
      }
      this.#isExact = false;
      const { operation, element, reason } = outcome.refused;
      if (operation.type === 'addElements' && element) this.#withhold(operation.set.name, element, reason);
      else if (operation.type === 'addSet' && isOfPermissions(operation.set.name))
        this.#withhold(operation.set.name, undefined, reason);
      else this.#failure = reason;
      if (this.#withheld.size > MOST_WITHHELD) this.#failure = reason;
      if (this.#failure !== undefined) return [];
    }
  }

  /** What is no longer wanted is no longer left out. */
  #desired(): Ruleset {
    const { ruleset } = this.#policy;
    for (const [key, { set, element }] of this.#withheld) {
      const content = ruleset.sets.get(set);
      const isWanted = element ? content?.elements.has(keyText(element.key)) : content !== undefined;
      if (!isWanted) this.#withheld.delete(key);
    }
    return ruleset;
  }

  #withhold(set: string, element: Withheld['element'], reason: string): void {
    const key = element ? `${set} ${keyText(element.key)}` : set;
    this.#withheld.set(key, { set, ...(element ? { element } : {}), reason });
  }

  #ownersOf({ set, element }: Known): readonly ReturnType<typeof ownerOf>[] {
    if (element) return [ownerOf(set, element)];
    const elements = this.#policy.ruleset.sets.get(set)?.elements.values() ?? [];
    return [...elements].map((one) => ownerOf(set, one));
  }
}

/** A set of permissions may be missing: what it would let through is dropped. Of any other that can't be said. */
const isOfPermissions = (set: string): boolean => /^(?:ingress|egress)_/.test(set);
