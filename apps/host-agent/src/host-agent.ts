import type { Bus } from '#libs/bus';
import type { PolicyInstance } from '#libs/compiler';
import type { Cidr, HostId, IpAddress, LogPosition } from '#libs/domain';
import { DataplaneError } from '#libs/nftables';
import {
  hostSubject,
  PROTOCOL_VERSION,
  reportSubject,
  syncSubject,
  type ChainPositions,
  type Delta,
  type HostReport,
  type SyncRefusal,
  type SyncReply,
  type SyncRequest,
} from '#libs/protocol';
import type { Outcomes } from './enforcement/confirmations.js';
import type { EnforcedPolicy } from './enforcement/enforced-policy.js';
import { Following } from './following.js';
import { isOutdated } from './policy/outdated.js';
import { Trouble } from './trouble.js';
import { Upkeep } from './upkeep.js';

export interface HostAgentOptions {
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
  /** The host's own, if it may be launched as an instance itself. */
  readonly addresses?: readonly IpAddress[];
  readonly bus: Bus;
  readonly warn: (message: string) => void;
}

const SYNC_TIMEOUT_MS = 2000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
const PERIODIC_SYNC_MS = 10_000;

/** The half of an agent that talks: follows the host's chains, asks for what is missing, reports what is enforced. */
export class HostAgent {
  readonly #host: EnforcedPolicy;
  readonly #options: HostAgentOptions;
  readonly #following: Following;
  readonly #upkeep: Upkeep;
  readonly #noAnswer: Trouble;
  readonly #watchers = new Set<() => void>();
  #isSyncing = false;
  #syncAgain = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: EnforcedPolicy, options: HostAgentOptions) {
    this.#host = host;
    this.#options = options;
    this.#noAnswer = new Trouble(options.warn);
    this.#following = new Following(options.bus, {
      receive: (delta) => this.#receive(delta),
      // Never guessed at: whatever it said is asked for.
      misunderstand: (error) => {
        options.warn(`a message is not understood: ${String(error)}`);
        void this.sync();
      },
    });
    this.#upkeep = new Upkeep(host, options, (outcomes) => this.#report(outcomes, performance.now()));
  }

  /** Resolves once the host enforces what the log says, however long the control plane takes to answer. */
  async start(): Promise<void> {
    this.#following.follow(hostSubject(this.#options.hostId));
    this.#options.bus.onReconnect(() => void this.sync());
    this.#upkeep.start();
    await this.sync();
    this.#timer = setInterval(() => void this.sync(), PERIODIC_SYNC_MS);
  }

  /** What runs here, and is enforced once nothing is missing. */
  get instances(): readonly PolicyInstance[] {
    return this.#host.policy.instances;
  }

  get isComplete(): boolean {
    return !this.#host.policy.isIncomplete;
  }

  get isDegraded(): boolean {
    return this.#host.isDegraded;
  }

  /** Whether it comes to that within the time, with nothing missing and nothing refused. */
  async enforces(isSo: () => boolean, milliseconds: number): Promise<boolean> {
    const holds = (): boolean => isSo() && this.isComplete && !this.isDegraded;
    if (holds()) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = (): void => void (holds() && resolve(true));
    const end = setTimeout(() => resolve(false), milliseconds);
    this.#watchers.add(look);
    const outcome = await promise;
    this.#watchers.delete(look);
    clearTimeout(end);
    return outcome;
  }

  /** Leaves the kernel as it is: rules outlive the agent. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#upkeep.stop();
  }

  /** Asks until nothing is missing. One at a time; a wish that comes meanwhile makes it ask once more. */
  async sync(): Promise<void> {
    this.#syncAgain = true;
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    for (let failures = 0; this.#syncAgain && !this.#isStopped;) {
      this.#syncAgain = false;
      try {
        await this.#syncOnce();
        this.#noAnswer.end('the control plane answers again');
        failures = 0;
      } catch (error) {
        // Whoever starts it again has it read the kernel and make it right.
        if (error instanceof DataplaneError) throw error;
        this.#noAnswer.meet(`the sync did not succeed, the kernel stays as it is: ${String(error)}`);
        this.#syncAgain = true;
        await new Promise((resolve) => setTimeout(resolve, pauseAfter(failures++)));
      }
    }
    this.#isSyncing = false;
  }

  async #syncOnce(): Promise<void> {
    const { hostId } = this.#options;
    // Followed before asked, so that nothing falls between the answer and the first delta.
    await this.#following.adjust(this.#host.policy, hostSubject(hostId));
    const isMore = await this.#ask();
    const { policy } = this.#host;
    if (isMore || policy.isIncomplete || !this.#following.isComplete(policy)) this.#syncAgain = true;
  }

  #ask(): Promise<boolean> {
    const { hostId, ranges, addresses = [], bus } = this.#options;
    const { positions: has, events, cursors: resume } = this.#host.policy;
    const asked = { hostId, ranges, addresses, has, events, resume };
    const request: SyncRequest = { version: PROTOCOL_VERSION, ...asked };
    return bus.ask(syncSubject(hostId), JSON.stringify(request), SYNC_TIMEOUT_MS, ({ text }) =>
      this.#takeAnswer(JSON.parse(text) as SyncReply | SyncRefusal, has),
    );
  }

  /** Whether there is more to ask for. */
  #takeAnswer(reply: SyncReply | SyncRefusal, asked: ChainPositions): boolean {
    const began = performance.now();
    if ('code' in reply) throw new Error(`${reply.code}: ${reply.message}`);
    if (isOutdated(reply, asked, this.#host.policy.positions)) return true;
    const { isWhole, outcomes } = this.#host.takeAnswer(reply);
    this.#report(outcomes, began, isWhole ? reply.position : undefined);
    return reply.more;
  }

  #receive(delta: Delta): void {
    const began = performance.now();
    const { fit, outcomes } = this.#host.take(delta);
    this.#report(outcomes, began);
    // A sync that is under way goes on until nothing is missing; one more after it would find changes on their way, and
    // be answered with the whole of every chain that they change.
    const isBehind = fit === 'gap' || delta.isReminder;
    if (isBehind || (this.#host.policy.isIncomplete && !this.#isSyncing)) void this.sync();
  }

  #report({ enforced, refused }: Outcomes, began: number, upTo?: LogPosition): void {
    for (const look of this.#watchers) look();
    const { hostId, bus } = this.#options;
    if (enforced.length + refused.length === 0 && upTo === undefined) return;
    const report: HostReport = {
      version: PROTOCOL_VERSION,
      hostId,
      enforced,
      ...(upTo === undefined ? {} : { upTo }),
      refused,
      microseconds: Math.round((performance.now() - began) * 1000),
    };
    bus.publish(reportSubject(hostId), JSON.stringify(report));
    this.#upkeep.lookAgain();
  }
}

/** Longer each time, and never twice the same, so that hosts that failed together don't come back together. */
const pauseAfter = (failures: number): number =>
  Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + Math.random() / 2);
