import { Logger } from '@nestjs/common';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { parseCidr, parseHostId, type Cidr, type HostId, type RecordedEvent } from '#libs/domain';
import { Distribution, type Broadcast } from '#libs/projections';
import {
  reportSubject,
  syncSubject,
  type Delta,
  type HostReport,
  type SyncRefusal,
  type SyncRequest,
} from '#libs/protocol';
import type { CommandHandler } from '../commands/command-handler.js';
import type { ReceiptBoard } from '../receipts/receipt-board.js';
import { answerSync } from './sync.js';
import { Wire } from './wire.js';

/** Any host's subject: the subject's last part is the host, and NATS's permissions hold each to its own. */
const ANY = '*' as never;

/** What nats-server takes when it says nothing else. */
const DEFAULT_PAYLOAD = 1024 * 1024;

/** Tells hosts what changed, answers what they lack, and takes in what they confirm. */
export class Distributor {
  readonly #distribution = new Distribution();
  readonly #wire = new Wire(this.#distribution);
  readonly #receipts: ReceiptBoard;
  readonly #log = new Logger('distribution');
  #connection: NatsConnection | undefined;
  #position = 0;

  constructor(receipts: ReceiptBoard) {
    this.#receipts = receipts;
  }

  /** Takes in a durable commit, and broadcasts it; what comes before there is a connection is history. */
  project(commit: readonly RecordedEvent[]): void {
    this.#position = commit.at(-1)?.position ?? this.#position;
    if (this.#connection) this.#publish(this.#connection, this.#distribution.project(commit));
    else for (const recorded of commit) this.#distribution.fold(recorded);
  }

  /** From now on hosts are heard and told; what changed before, they ask for once they hear that they missed it. */
  serve(connection: NatsConnection, commands: CommandHandler): void {
    this.#connection = connection;
    connection.subscribe(syncSubject(ANY), {
      queue: 'control-plane',
      callback: (error, message) => {
        if (!error) void this.#answer(message, commands);
      },
    });
    connection.subscribe(reportSubject(ANY), {
      callback: (error, message) => {
        if (!error) this.#hear(message);
      },
    });
    this.#publishHeads(connection);
    void this.#watchConnection(connection);
  }

  /** What was durable but not yet told when the process or its connection ended would else wait for the next change. */
  #publishHeads(connection: NatsConnection): void {
    for (const delta of this.#distribution.heads())
      connection.publish(this.#wire.subjectOf(delta), JSON.stringify(this.#wire.delta(delta)));
  }

  async #watchConnection(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status())
      if (type === 'reconnect') this.#publishHeads(connection);
  }

  #publish(connection: NatsConnection, broadcasts: readonly Broadcast[]): void {
    this.#receipts.open(this.#position, broadcasts, performance.now());
    for (const { delta, concerned } of broadcasts) {
      if (concerned.length > 0)
        connection.publish(this.#wire.subjectOf(delta), textOf(this.#wire.delta(delta), connection));
    }
  }

  /** A report that makes no sense confirms nothing. Thrown from here, it would end the connection of the whole cell. */
  #hear(message: Msg): void {
    const hostId = hostOf(message);
    try {
      if (hostId) this.#receipts.confirm({ ...message.json<HostReport>(), hostId }, performance.now());
    } catch (error) {
      this.#log.warn(`a report of ${hostId} is not understood: ${String(error)}`);
    }
  }

  async #answer(message: Msg, commands: CommandHandler): Promise<void> {
    try {
      const refusal = await this.#refuse(message, commands);
      // No pause between the answer and its sending: a delta of a later position must not overtake it.
      const reply =
        refusal ?? answerSync(message.json<SyncRequest>(), this.#distribution, this.#wire, this.#position);
      message.respond(JSON.stringify(reply));
    } catch (error) {
      message.respond(JSON.stringify(refusalFrom(error)));
    }
  }

  /** A host that asks for the first time, or with other ranges, is enrolled by it. */
  async #refuse(message: Msg, commands: CommandHandler): Promise<SyncRefusal | undefined> {
    const request = message.json<SyncRequest>();
    const hostId = hostOf(message);
    const ranges = request.ranges.map((range) => parseCidr(range));
    if (!hostId || hostId !== request.hostId)
      return {
        code: 'HostMalformed',
        message: `the host '${request.hostId}' may not ask on ${message.subject}`,
      };
    if (!ranges.every((range): range is Cidr => range !== undefined))
      return {
        code: 'RangesMalformed',
        message: `one of the ranges ${request.ranges.join(', ')} is no CIDR block`,
      };
    const actor = { kind: 'host', hostId } as const;
    const outcome = await commands.handle(
      { type: 'EnrollHost', hostId, ranges },
      { actor, requestId: `sync ${hostId}` },
    );
    return outcome.accepted
      ? undefined
      : { code: outcome.refusal.code, message: JSON.stringify(outcome.refusal) };
  }
}

/** Whose subject it is, and so whose message: what the message says of itself is not believed. */
const hostOf = ({ subject }: Msg): HostId | undefined => parseHostId(subject.split('.').at(-1) ?? '');

/** A change that no message can hold is sent empty, and as one that fits on nothing: hosts then ask for it. */
function textOf(delta: Delta, connection: NatsConnection): string {
  const text = JSON.stringify(delta);
  if (text.length <= (connection.info?.max_payload ?? DEFAULT_PAYLOAD)) return text;
  const nothing = delta.type === 'host' ? { launched: [], terminated: [] } : { added: [], removed: [] };
  return JSON.stringify({ ...delta, previous: delta.position, ...nothing });
}

const refusalFrom = (error: unknown): SyncRefusal => ({
  code: 'Unavailable',
  message: error instanceof Error ? error.message : String(error),
});
