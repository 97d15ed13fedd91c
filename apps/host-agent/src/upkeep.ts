import type { Bus } from '#libs/bus';
import type { HostId } from '#libs/domain';
import { driftSubject, PROTOCOL_VERSION, type DriftReport } from '#libs/protocol';
import type { Outcomes } from './enforcement/confirmations.js';
import type { EnforcedPolicy } from './enforcement/enforced-policy.js';
import type { Drift } from './enforcement/enforcement.js';

export interface UpkeepOptions {
  readonly hostId: HostId;
  readonly bus: Bus;
  readonly warn: (message: string) => void;
}

/** The kernel's notifications are looked at so often; a look costs one system call. */
const WATCH_MS = 100;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
const DRIFT_ANSWER_MS = 2000;

/** Keeps the kernel right while nothing comes from the log: undoes meddling, and tries again what was refused. */
export class Upkeep {
  readonly #host: EnforcedPolicy;
  readonly #options: UpkeepOptions;
  readonly #report: (outcomes: Outcomes) => void;
  #watching: NodeJS.Timeout | undefined;
  #retrying: NodeJS.Timeout | undefined;
  #pause = FIRST_RETRY_MS;
  /** What has been undone and is not yet in the log. */
  #untold: DriftReport | undefined;
  #isTelling = false;

  constructor(host: EnforcedPolicy, options: UpkeepOptions, report: (outcomes: Outcomes) => void) {
    this.#host = host;
    this.#options = options;
    this.#report = report;
  }

  start(): void {
    this.#host.check(); // begins the watching
    this.#watching = setInterval(() => this.#watch(), WATCH_MS);
    this.lookAgain();
  }

  stop(): void {
    clearInterval(this.#watching);
    clearTimeout(this.#retrying);
  }

  /** To be called when what is refused may have changed. */
  lookAgain(): void {
    if (!this.#host.isDegraded) this.#pause = FIRST_RETRY_MS;
    else this.#retrying ??= setTimeout(() => this.#retry(), this.#pause);
  }

  #retry(): void {
    this.#retrying = undefined;
    this.#pause = Math.min(this.#pause * 2, LAST_RETRY_MS);
    this.#report(this.#host.retry());
    this.lookAgain();
  }

  #watch(): void {
    const drift = this.#host.check();
    if (drift) this.#found(drift);
    if (this.#untold && !this.#isTelling) void this.#tell(this.#untold);
  }

  #found({ operations, undone }: Drift): void {
    const { hostId, warn } = this.#options;
    warn(`somebody changed the table inet rampart; undone by ${undone.join('; ')}`);
    this.#untold = {
      version: PROTOCOL_VERSION,
      hostId,
      operations: operations + (this.#untold?.operations ?? 0),
      undone: this.#untold?.undone ?? undone,
    };
  }

  /** Until it is answered, and so in the log. */
  async #tell(report: DriftReport): Promise<void> {
    this.#isTelling = true;
    try {
      const { bus, hostId } = this.#options;
      await bus.ask(driftSubject(hostId), JSON.stringify(report), DRIFT_ANSWER_MS, () => undefined);
      if (this.#untold === report) this.#untold = undefined;
    } catch {
      // Nobody answered: told again at the next look.
    }
    this.#isTelling = false;
  }
}
