import { DataplaneError } from '../dataplane.js';
import {
  errnoText,
  GEN_ID,
  MSG,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './constants.js';
import { attributesOf, messagesIn, numberOf } from './reader.js';
import type { NetlinkSocket } from './socket.js';
import { MessageWriter } from './writer.js';

const ENOENT = 2;

/** One question to the kernel after the other; each answer is the bodies of the objects found. */
export class Listing {
  readonly #socket: NetlinkSocket;
  readonly #nextSequence: () => number;
  readonly #writer = new MessageWriter(4096);
  #isTorn = false;

  constructor(socket: NetlinkSocket, nextSequence: () => number) {
    this.#socket = socket;
    this.#nextSequence = nextSequence;
  }

  /** True when the ruleset changed in the middle of an answer, so that it may be of two minds. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** One object, by what `body` names it with. */
  get(message: number, body?: (to: MessageWriter) => void): Buffer | undefined {
    return this.#ask(message, NLM_F_ACK, body)[0];
  }

  /** All objects of a kind. */
  dump(message: number, body?: (to: MessageWriter) => void): readonly Buffer[] {
    return this.#ask(message, NLM_F_DUMP, body);
  }

  /** A number that every change of the namespace's ruleset moves, whoever makes it. */
  generation(): number {
    const body = this.get(MSG.GETGEN);
    return numberOf(body && attributesOf(body).get(GEN_ID));
  }

  #ask(message: number, flags: number, body?: (to: MessageWriter) => void): readonly Buffer[] {
    const sequence = this.#nextSequence();
    this.#writer.clear();
    this.#writer.nftMessage(message, flags, sequence, () => body?.(this.#writer));
    this.#socket.send(this.#writer.bytes);
    const bodies: Buffer[] = [];
    for (;;) {
      const datagram = this.#socket.receive();
      if (!datagram) throw new DataplaneError('the kernel ended a listing early');
      for (const answer of messagesIn(datagram)) {
        if (answer.sequence !== sequence) continue;
        this.#isTorn ||= (answer.flags & NLM_F_DUMP_INTR) !== 0;
        if (answer.type === NLMSG_DONE) return bodies;
        if (answer.type === NLMSG_ERROR) return found(bodies, -answer.payload.readInt32LE(0));
        bodies.push(Buffer.from(answer.payload.subarray(4))); // after struct nfgenmsg; the datagram's memory is used again
      }
    }
  }
}

function found(bodies: readonly Buffer[], errno: number): readonly Buffer[] {
  if (errno === 0) return bodies;
  if (errno === ENOENT) return [];
  throw new DataplaneError(`the kernel refuses to list its tables: ${errnoText(errno)}`);
}
