import type { BusMessage } from '#libs/bus';
import { parseCidr, parseIpAddress, type Cidr, type Command, type IpAddress } from '#libs/domain';
import type { Distribution } from '#libs/projections';
import type { SyncRefusal, SyncReply, SyncRequest } from '#libs/protocol';
import type { CommandHandler } from '../commands/command-handler.js';
import { hostOf } from './host-of.js';
import { Turns } from './turns.js';

type EnrollHost = Extract<Command, { type: 'EnrollHost' }>;

/** Hosts whose questions may wait to be answered; the others ask again, after a pause that grows. */
const MOST_WAITING = 10_000;

/** Takes in what hosts ask, and answers one after the other. A host that asks for the first time is enrolled by it. */
export class Syncs {
  readonly #turns = new Turns(MOST_WAITING);
  readonly #distribution: Distribution;
  readonly #commands: CommandHandler;
  readonly #answer: (request: SyncRequest) => SyncReply;

  constructor(
    distribution: Distribution,
    commands: CommandHandler,
    answer: (request: SyncRequest) => SyncReply,
  ) {
    this.#distribution = distribution;
    this.#commands = commands;
    this.#answer = answer;
  }

  hear(message: BusMessage): void {
    this.#turns.add(message.subject, () => void this.#serve(message));
  }

  async #serve(message: BusMessage): Promise<void> {
    try {
      const request = JSON.parse(message.text) as SyncRequest;
      // Else it might answer a host that knows more with less, and bring back what another control plane revoked.
      await this.#commands.catchUp();
      const enrolment = enrolmentFrom(request, message);
      const refusal = 'code' in enrolment ? enrolment : await this.#enrol(enrolment);
      // No pause between the answer and its sending: a delta of a later position must not overtake it.
      message.respond(JSON.stringify(refusal ?? this.#answer(request)));
    } catch (error) {
      message.respond(JSON.stringify(refusalFrom(error)));
    }
  }

  /** Of most that ask nothing is new; they need not wait for what others have written to reach the disk. */
  async #enrol(enrolment: EnrollHost): Promise<SyncRefusal | undefined> {
    const { hostId } = enrolment;
    const decision = this.#commands.preview(enrolment);
    const isEnrolled = decision.accepted && decision.events.length === 0;
    if (isEnrolled && this.#distribution.knowsHost(hostId)) return undefined;
    const actor = { kind: 'host', hostId } as const;
    const outcome = await this.#commands.handle(enrolment, { actor, requestId: `sync ${hostId}` });
    return outcome.accepted
      ? undefined
      : { code: outcome.refusal.code, message: JSON.stringify(outcome.refusal) };
  }
}

/** What the host wants to be known as, or why it may not. */
function enrolmentFrom(request: SyncRequest, message: BusMessage): EnrollHost | SyncRefusal {
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
  const addresses = (request.addresses ?? []).map((address) => parseIpAddress(address));
  if (!addresses.every((address): address is IpAddress => address !== undefined))
    return {
      code: 'AddressesMalformed',
      message: `one of the addresses ${request.addresses?.join(', ')} is no IP address`,
    };
  return { type: 'EnrollHost', hostId, ranges, addresses };
}

const refusalFrom = (error: unknown): SyncRefusal => ({
  code: 'Unavailable',
  message: error instanceof Error ? error.message : String(error),
});
