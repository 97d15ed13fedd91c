import type { Bus } from '#libs/bus';
import { difference, type Transaction } from '#libs/compiler';
import type { Cidr, HostId, LogPosition } from '#libs/domain';
import { DataplaneError, type Dataplane } from '#libs/nftables';
import {
  hostSubject,
  PROTOCOL_VERSION,
  reportSubject,
  syncSubject,
  type Delta,
  type HostReport,
  type SyncRefusal,
  type SyncReply,
  type SyncRequest,
} from '#libs/protocol';
import { Following } from './following.js';
import { AgentPolicy } from './policy/agent-policy.js';
import type { StateEntry, StateFile } from './state/state-file.js';
import { Trouble } from './trouble.js';

export interface HostAgentOptions {
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
  readonly bus: Bus;
  readonly dataplane: Dataplane;
  readonly state: StateFile;
  readonly warn: (message: string) => void;
}

const SYNC_TIMEOUT_MS = 2000;
const SYNC_RETRY_MS = 100;
const PERIODIC_SYNC_MS = 10_000;

/** Brings the kernel to the last stored state, before there is any network; yields the policy to go on from. */
export function restore(dataplane: Dataplane, state: StateFile): AgentPolicy {
  const policy = new AgentPolicy();
  for (const entry of state.read()) {
    if ('sync' in entry) policy.applySync(entry.sync);
    else policy.apply(entry.delta);
  }
  policy.takeTransaction();
  const outcome = dataplane.commit(difference(dataplane.read(), policy.ruleset));
  if (!outcome.committed) throw new Error(`the kernel refuses the stored state: ${outcome.refused.reason}`);
  return policy;
}

/** Follows the host's chains, has each change in the kernel at once, and says so. */
export class HostAgent {
  readonly #options: HostAgentOptions;
  readonly #policy: AgentPolicy;
  readonly #following: Following;
  readonly #noAnswer: Trouble;
  readonly #noDisk: Trouble;
  #isSyncing = false;
  #syncAgain = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(policy: AgentPolicy, options: HostAgentOptions) {
    this.#policy = policy;
    this.#options = options;
    this.#noAnswer = new Trouble(options.warn);
    this.#noDisk = new Trouble(options.warn);
    this.#following = new Following(options.bus, (delta) => this.#receive(delta));
  }

  /** Resolves once the host enforces what the log says, however long the control plane takes to answer. */
  async start(): Promise<void> {
    this.#following.follow(hostSubject(this.#options.hostId));
    this.#options.bus.onReconnect(() => void this.sync());
    await this.sync();
    this.#timer = setInterval(() => void this.sync(), PERIODIC_SYNC_MS);
  }

  /** Leaves the kernel as it is: rules outlive the agent. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Asks until nothing is missing. One at a time; a wish that comes meanwhile makes it ask once more. */
  async sync(): Promise<void> {
    this.#syncAgain = true;
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    while (this.#syncAgain && !this.#isStopped) {
      this.#syncAgain = false;
      try {
        await this.#syncOnce();
        this.#noAnswer.end('the control plane answers again');
      } catch (error) {
        // Whoever starts it again has it read the kernel and make it right.
        if (error instanceof DataplaneError) throw error;
        this.#noAnswer.meet(`the sync did not succeed, the kernel stays as it is: ${String(error)}`);
        this.#syncAgain = true;
        await new Promise((resolve) => setTimeout(resolve, SYNC_RETRY_MS));
      }
    }
    this.#isSyncing = false;
  }

  async #syncOnce(): Promise<void> {
    const { hostId } = this.#options;
    // Followed before asked, so that nothing falls between the answer and the first delta.
    await this.#following.adjust(this.#policy, hostSubject(hostId));
    const isMore = await this.#ask();
    if (isMore || this.#policy.isIncomplete || !this.#following.isComplete(this.#policy))
      this.#syncAgain = true;
  }

  #ask(): Promise<boolean> {
    const { hostId, ranges, bus } = this.#options;
    const { positions: has, cursors: resume } = this.#policy;
    const request: SyncRequest = { version: PROTOCOL_VERSION, hostId, ranges, has, resume };
    return bus.ask(syncSubject(hostId), JSON.stringify(request), SYNC_TIMEOUT_MS, ({ text }) =>
      this.#takeAnswer(JSON.parse(text) as SyncReply | SyncRefusal),
    );
  }

  /** Whether there is more to ask for. */
  #takeAnswer(reply: SyncReply | SyncRefusal): boolean {
    const began = performance.now();
    if ('code' in reply) throw new Error(`${reply.code}: ${reply.message}`);
    this.#policy.applySync(reply);
    const { host, rules, members, prefixes = [] } = reply;
    const isNews = host !== undefined || rules.length + members.length + prefixes.length > 0;
    const isWhole = !reply.more && !this.#policy.isIncomplete;
    this.#enforce(isNews ? [{ sync: reply }] : [], began, isWhole ? reply.position : undefined);
    return reply.more;
  }

  #receive(delta: Delta): void {
    const began = performance.now();
    const fit = this.#policy.apply(delta);
    if (fit === 'next') this.#enforce([{ delta }], began);
    if (fit === 'gap' || this.#policy.isIncomplete) void this.sync();
  }

  /** Written down, committed, reported: in this order. */
  #enforce(entries: readonly StateEntry[], began: number, upTo?: LogPosition): void {
    const { dataplane, state, hostId, bus } = this.#options;
    if (entries.length > 0) this.#write(() => state.append(entries));
    const refused = this.#commit(dataplane, this.#policy.takeTransaction());
    const enforced = this.#policy.takeConfirmations();
    const report: HostReport = {
      version: PROTOCOL_VERSION,
      hostId,
      enforced: refused === undefined ? enforced : [],
      ...(upTo === undefined || refused !== undefined ? {} : { upTo }),
      refused:
        refused === undefined ? [] : enforced.map((confirmation) => ({ ...confirmation, reason: refused })),
      microseconds: Math.round((performance.now() - began) * 1000),
    };
    if (enforced.length > 0 || upTo !== undefined) bus.publish(reportSubject(hostId), JSON.stringify(report));
    this.#compact();
  }

  #compact(): void {
    if (this.#policy.isPaging) return;
    this.#write(() => {
      this.#options.state.compact(() => this.#policy.snapshot());
      this.#noDisk.end('the state is written again');
    });
  }

  /** A full disk must not keep the kernel from what is new: a revocation is worth more than a good start. */
  #write(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#noDisk.meet(
        `the state can't be written: until it can, a restart begins with what is there, and syncs: ${String(error)}`,
      );
    }
  }

  /** A refusal means that the kernel is not what we think: it is read and made right; yields why if it can't be. */
  #commit(dataplane: Dataplane, transaction: Transaction): string | undefined {
    if (transaction.length === 0) return undefined;
    const first = dataplane.commit(transaction);
    if (first.committed) return undefined;
    this.#options.warn(`the kernel refused ${first.refused.reason}; repairing`);
    const second = dataplane.commit(difference(dataplane.read(), this.#policy.ruleset));
    return second.committed ? undefined : second.refused.reason;
  }
}
