import { Logger } from '@nestjs/common';
import type { Bus, BusMessage } from '#libs/bus';
import type { HostId, RecordedEvent } from '#libs/domain';
import { Distribution, type Place } from '#libs/projections';
import {
  hostSubject,
  PROTOCOL_VERSION,
  reportSubject,
  syncSubject,
  type ChainPositions,
  type Delta,
  type HostReport,
} from '#libs/protocol';
import type { CommandHandler } from '../commands/command-handler.js';
import type { Arrival } from '../log/commit-listener.js';
import { EarlyReports } from '../receipts/early-reports.js';
import type { Change } from '../receipts/receipt.js';
import type { ReceiptBoard } from '../receipts/receipt-board.js';
import { hostOf } from './host-of.js';
import { answerSync } from './sync.js';
import { Syncs } from './syncs.js';
import { Wire } from './wire.js';

/** Any host's subject: the subject's last part is the host, and NATS's permissions hold each to its own. */
const ANY = '*' as never;

/** Tells hosts what changed, answers what they lack, and takes in what they confirm. */
export class Distributor {
  readonly #distribution = new Distribution();
  readonly #wire = new Wire(this.#distribution);
  readonly #receipts: ReceiptBoard;
  readonly #early = new EarlyReports();
  readonly #log = new Logger('distribution');
  #bus: Bus | undefined;
  #position = 0;

  constructor(receipts: ReceiptBoard) {
    this.#receipts = receipts;
  }

  /** Puts chains where their newest changes were, when history is told by fewer events than there were. */
  restore(places: ReadonlyMap<string, Place>): void {
    this.#distribution.restore(places);
  }

  /**
   * Takes in a durable commit, and broadcasts it if that is for this control plane to do; what comes before there is a
   * bus is history.
   */
  project(commit: readonly RecordedEvent[], arrival: Arrival): void {
    this.#position = commit.at(-1)?.position ?? this.#position;
    if (this.#bus) this.#publish(this.#bus, commit, arrival);
    else for (const recorded of commit) this.#distribution.fold(recorded);
  }

  /** From now on hosts are heard and told; what changed before, they ask for once they hear that they missed it. */
  serve(bus: Bus, commands: CommandHandler): void {
    this.#bus = bus;
    const [distribution, wire] = [this.#distribution, this.#wire];
    const syncs = new Syncs(distribution, commands, (request) =>
      answerSync(request, distribution, wire, this.#position, Math.floor(bus.maxPayload / 2)),
    );
    bus.subscribe(syncSubject(ANY), (message) => syncs.hear(message), { queue: 'control-plane' });
    bus.subscribe(reportSubject(ANY), (message) => this.#hear(message));
    bus.onReconnect(() => this.#publishHeads(bus));
    this.#publishHeads(bus);
  }

  /** Whether a host whose chains stand so has everything that it needs. */
  isCurrent(hostId: HostId, positions: ChainPositions): boolean {
    const request = { version: PROTOCOL_VERSION, hostId, ranges: [], has: positions };
    const {
      host,
      rules,
      members,
      prefixes = [],
    } = answerSync(request, this.#distribution, this.#wire, this.#position);
    return host === undefined && rules.length + members.length + prefixes.length === 0;
  }

  /** Has the host ask for what it may lack, and say once more what it has. */
  remind(hostId: HostId): void {
    const head = this.#distribution.headOf(hostId);
    if (!head) return;
    const reminder: Delta = { ...this.#wire.delta(head), isReminder: true };
    this.#bus?.publish(hostSubject(hostId), JSON.stringify(reminder));
  }

  /** What was durable but not yet told when the process or its connection ended would else wait for the next change. */
  #publishHeads(bus: Bus): void {
    for (const delta of this.#distribution.heads())
      bus.publish(this.#wire.subjectOf(delta), JSON.stringify(this.#wire.delta(delta)));
  }

  /** Hosts report to every control plane, so each keeps receipts; whoever appended the commit tells the hosts. */
  #publish(bus: Bus, commit: readonly RecordedEvent[], { at, isOwn }: Arrival): void {
    const broadcasts = this.#distribution.project(commit);
    const change = changeOf(commit);
    if (change) this.#receipts.open(change, broadcasts, at, isOwn);
    for (const { event } of commit) if (event.type === 'HostRetired') this.#receipts.retire(event.hostId);
    const now = performance.now();
    for (const report of this.#early.takeDue(this.#position, now)) this.#receipts.confirm(report, now);
    if (!isOwn) return;
    for (const { delta, concerned } of broadcasts) {
      if (concerned.size > 0) bus.publish(this.#wire.subjectOf(delta), textOf(this.#wire.delta(delta), bus));
    }
  }

  /** A report that makes no sense confirms nothing. Thrown from here, it would end the control plane. */
  #hear(message: BusMessage): void {
    const hostId = hostOf(message);
    try {
      if (!hostId) return;
      const [parsed, now] = [JSON.parse(message.text) as HostReport, performance.now()];
      const report = parsed.hostId === hostId ? parsed : { ...parsed, hostId };
      if (this.#early.isDue(report, this.#position, now)) this.#receipts.confirm(report, now);
    } catch (error) {
      this.#log.warn(`a report of ${hostId} is not understood: ${String(error)}`);
    }
  }
}

function changeOf(commit: readonly RecordedEvent[]): Change | undefined {
  const [first, last] = [commit[0], commit.at(-1)];
  if (!first || !last) return undefined;
  const { position, time, requestId, actor } = last;
  const account = actor.kind === 'account' ? { accountId: actor.accountId } : {};
  return { first: first.position, position, time, requestId, ...account };
}

/** A change that no message can hold is sent empty, and as one that fits on nothing: hosts then ask for it. */
function textOf(delta: Delta, { maxPayload }: Bus): string {
  const text = JSON.stringify(delta);
  if (Buffer.byteLength(text) <= maxPayload) return text;
  const nothing = delta.type === 'host' ? { launched: [], terminated: [] } : { added: [], removed: [] };
  return JSON.stringify({ ...delta, previous: delta.position, ...nothing });
}
