import type { HeldTable, HostSettings } from '#libs/compiler';
import type { Dataplane } from '#libs/nftables';
import type { Delta, SyncReply } from '#libs/protocol';
import { AgentPolicy } from '../policy/agent-policy.js';
import type { Fit } from '../policy/chain.js';
import type { StateEntry, StateFile } from '../state/state-file.js';
import { Trouble } from '../trouble.js';
import { Confirmations, type Outcomes } from './confirmations.js';
import { Enforcement, type Drift } from './enforcement.js';

/**
 * The half of an agent that needs no network: what the host must enforce, kept on disk and held by the kernel. A
 * change is written down, then committed, then confirmed: in this order.
 */
export class EnforcedPolicy {
  readonly policy: AgentPolicy;
  readonly #dataplane: Dataplane;
  readonly #state: StateFile;
  readonly #enforcement: Enforcement;
  readonly #confirmations = new Confirmations();
  readonly #noDisk: Trouble;
  /** Without a stored state, a table that the kernel has is believed until everything has been asked for. */
  #isBlind: boolean;

  private constructor(
    dataplane: Dataplane,
    state: StateFile,
    warn: (message: string) => void,
    settings?: HostSettings,
  ) {
    this.policy = new AgentPolicy(settings);
    this.#dataplane = dataplane;
    this.#state = state;
    this.#enforcement = new Enforcement(dataplane, this.policy);
    this.#noDisk = new Trouble(warn);
    const entries = state.read();
    for (const entry of entries) {
      if ('sync' in entry) this.policy.applySync(entry.sync);
      else this.policy.apply(entry.delta);
    }
    this.#isBlind = entries.length === 0 && dataplane.read() !== undefined;
    if (!this.#isBlind) this.#enforcement.commit();
  }

  /** Brings the kernel to the last stored state, before there is any network. */
  static restore(
    dataplane: Dataplane,
    state: StateFile,
    warn: (message: string) => void,
    settings?: HostSettings,
  ): EnforcedPolicy {
    return new EnforcedPolicy(dataplane, state, warn, settings);
  }

  /** Whether something is not enforced, because the kernel refuses it. */
  get isDegraded(): boolean {
    return this.#enforcement.refused.length > 0;
  }

  /** The table as the kernel holds it; undefined when there is none. */
  read(): HeldTable | undefined {
    return this.#dataplane.read();
  }

  take(delta: Delta): { readonly fit: Fit; readonly outcomes: Outcomes } {
    const fit = this.policy.apply(delta);
    return { fit, outcomes: fit === 'next' ? this.#enforce([{ delta }]) : NOTHING };
  }

  /** An answer to what the host asked. `isWhole` when nothing is missing after it. */
  takeAnswer(reply: SyncReply): { readonly isWhole: boolean; readonly outcomes: Outcomes } {
    this.policy.applySync(reply);
    const { host, rules, members, prefixes = [] } = reply;
    const isNews = host !== undefined || rules.length + members.length + prefixes.length > 0;
    const isWhole = !reply.more && !this.policy.isIncomplete;
    if (isWhole) this.#isBlind = false;
    const outcomes = this.#enforce(isNews ? [{ sync: reply }] : []);
    return { isWhole: isWhole && !this.#confirmations.areHeld, outcomes };
  }

  /** Tries again what the kernel has refused. */
  retry(): Outcomes {
    this.#enforcement.retry();
    return this.#confirmations.sort([], this.#enforcement.refused);
  }

  /** Undoes what somebody else did to the table. */
  check(): Drift | undefined {
    return this.#isBlind ? undefined : this.#enforcement.check();
  }

  #enforce(entries: readonly StateEntry[]): Outcomes {
    if (entries.length > 0) this.#write(() => this.#state.append(entries));
    if (this.#isBlind) {
      this.policy.takeTransaction();
      return NOTHING;
    }
    this.#enforcement.commit();
    const outcomes = this.#confirmations.sort(this.policy.takeConfirmations(), this.#enforcement.refused);
    this.#compact();
    return outcomes;
  }

  #compact(): void {
    if (this.policy.isPaging) return;
    this.#write(() => {
      this.#state.compact(() => this.policy.snapshot());
      this.#noDisk.end('the state is written again');
    });
  }

  /** A full disk must not keep the kernel from what is new: a revocation is worth more than a good start. */
  #write(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#noDisk.meet(
        `the state can't be written: until it can, a restart keeps what the kernel has, and syncs: ${String(error)}`,
      );
    }
  }
}

const NOTHING: Outcomes = { enforced: [], refused: [] };
