import { operationText, type HeldTable, type Operation, type Transaction } from '#libs/compiler';
import { DataplaneError, type CommitOutcome, type Dataplane } from '../dataplane.js';
import {
  ERRNO,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNL_SUBSYS_NFTABLES,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './constants.js';
import { readHeldTable } from './held-table.js';
import { writeOperation } from './operations.js';
import { messagesIn } from './reader.js';
import { NetlinkSocket } from './socket.js';
import { MessageWriter } from './writer.js';

/**
 * A larger transaction goes in several batches, cut between operations: each is atomic, and they follow each other
 * without a pause. A transaction's order is safe for that: what closes stands before what opens.
 */
const BATCH_BYTES = 32 * 1024 * 1024;
const DUMP_ATTEMPTS = 10;

/** Speaks nf_tables netlink with the kernel, in the network namespace at `netns` or in the process's own. */
export class NetlinkDataplane implements Dataplane {
  readonly #socket: NetlinkSocket;
  readonly #batchBytes: number;
  readonly #writer = new MessageWriter();
  #sequence = 0;

  constructor(options: { readonly netns?: string; readonly batchBytes?: number } = {}) {
    this.#socket = new NetlinkSocket(options.netns);
    this.#batchBytes = options.batchBytes ?? BATCH_BYTES;
  }

  commit(transaction: Transaction): CommitOutcome {
    for (let from = 0; from < transaction.length;) {
      const batch = this.#write(transaction, from);
      const failure = this.#exchange(batch.end);
      if (failure) return refusal(transaction, batch.indexOf(failure.sequence), failure.errno);
      from = batch.next;
    }
    return { committed: true };
  }

  read(): HeldTable | undefined {
    return readHeldTable((message, body) => this.#dump(message, body));
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  /** As much of the transaction as fits into one batch, from an operation on. */
  #write(transaction: Transaction, from: number): Batch {
    const writer = this.#writer;
    writer.clear();
    const start = this.#sequence + 1;
    const nextSequence = (): number => (this.#sequence = (this.#sequence + 1) >>> 0);
    writer.message(NFNL_MSG_BATCH_BEGIN, 0, nextSequence(), 0, NFNL_SUBSYS_NFTABLES);
    const lastOf: number[] = [];
    let next = from;
    while (next < transaction.length && (next === from || writer.length < this.#batchBytes)) {
      writeOperation(writer, transaction[next] as Operation, nextSequence);
      lastOf.push(this.#sequence);
      next++;
    }
    writer.message(NFNL_MSG_BATCH_END, NLM_F_ACK, nextSequence(), 0, NFNL_SUBSYS_NFTABLES);
    const indexOf = (sequence: number): number =>
      from + Math.max(0, sequence <= start ? 0 : lastOf.findIndex((last) => sequence <= last));
    return { next, end: this.#sequence, indexOf };
  }

  /** Sends the batch and reads what the kernel has queued by then: the first failure, or the last message's ACK. */
  #exchange(end: number): { readonly sequence: number; readonly errno: number } | undefined {
    this.#socket.send(this.#writer.bytes);
    let failure: { readonly sequence: number; readonly errno: number } | undefined;
    let isAnswered = false;
    for (let datagram = this.#socket.receive(); datagram; datagram = this.#socket.receive()) {
      for (const { type, sequence, payload } of messagesIn(datagram)) {
        if (type !== NLMSG_ERROR) continue;
        const errno = -payload.readInt32LE(0);
        isAnswered ||= sequence === end || errno !== 0;
        if (errno !== 0) failure ??= { sequence, errno };
      }
    }
    if (!isAnswered)
      throw new DataplaneError('the kernel did not answer a batch; its table must be read again');
    return failure;
  }

  #dump(message: number, body: (to: MessageWriter) => void): readonly Buffer[] {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const bodies = this.#dumpOnce(message, body);
      if (bodies) return bodies;
    }
    throw new DataplaneError('the table kept changing while it was read');
  }

  /** Undefined when somebody changed the ruleset meanwhile, so that the answer may be of two minds. */
  #dumpOnce(message: number, body: (to: MessageWriter) => void): readonly Buffer[] | undefined {
    this.#writer.clear();
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#writer.nftMessage(message, NLM_F_DUMP, this.#sequence, () => body(this.#writer));
    this.#socket.send(this.#writer.bytes);
    const bodies: Buffer[] = [];
    let isTorn = false;
    for (;;) {
      const datagram = this.#socket.receive();
      if (!datagram) throw new DataplaneError('the kernel ended a listing early');
      for (const { type, flags, payload, sequence } of messagesIn(datagram)) {
        if (sequence !== this.#sequence) continue;
        isTorn ||= (flags & NLM_F_DUMP_INTR) !== 0;
        if (type === NLMSG_DONE) return isTorn ? undefined : bodies;
        if (type === NLMSG_ERROR)
          throw new DataplaneError(`the kernel refuses to list: ${errnoText(-payload.readInt32LE(0))}`);
        bodies.push(Buffer.from(payload.subarray(4))); // after struct nfgenmsg; copied, as the buffer is used again
      }
    }
  }
}

interface Batch {
  /** The first operation that is not in it. */
  readonly next: number;
  /** The sequence number of its last message. */
  readonly end: number;
  /** The place in the transaction of the operation that a message belongs to. */
  indexOf(sequence: number): number;
}

function refusal(transaction: Transaction, index: number, errno: number): CommitOutcome {
  const operation = transaction[index] as Operation;
  const code = ERRNO[errno]?.[0] ?? `errno ${errno}`;
  const reason = `${operationText(operation)}: ${errnoText(errno)}`;
  return { committed: false, refused: { index, operation, code, reason } };
}

function errnoText(errno: number): string {
  const [code, meaning] = ERRNO[errno] ?? [`errno ${errno}`, 'unknown to nf_tables'];
  return `${code}, ${meaning}`;
}
