import type { HeldTable, Transaction } from '#libs/compiler';
import { DataplaneError, type CommitOutcome, type Dataplane } from '../dataplane.js';
import { failureFrom, type Failure } from './answers.js';
import { writeBatch, type Batch } from './batch.js';
import { errnoText, NLMSG_ERROR } from './constants.js';
import { readHeldTable } from './held-table.js';
import { Listing } from './listing.js';
import { messagesIn } from './reader.js';
import { refusalFrom, unfitRefusal } from './refusal.js';
import { NetlinkSocket } from './socket.js';
import { TableWatch } from './watch.js';
import { MessageWriter } from './writer.js';

/**
 * A larger transaction (some 1.5 million elements) goes in several batches, cut between operations: each is atomic, and
 * they follow each other without a pause. What must never be seen apart has to stand in an order that bears it. The
 * operation that crosses the limit still goes along; the socket takes twice as much.
 */
const BATCH_BYTES = 128 * 1024 * 1024;
const WRITER_BYTES = 1024 * 1024;
const READ_ATTEMPTS = 4;

/** Speaks nf_tables netlink with the kernel, in the network namespace at `netns` or in the process's own. */
export class NetlinkDataplane implements Dataplane {
  readonly #socket: NetlinkSocket;
  readonly #netns: string | undefined;
  readonly #batchBytes: number;
  readonly #writer = new MessageWriter(WRITER_BYTES);
  #sequence = 0;
  /** The kernel's name for the socket; known from the first answer on. */
  #port = 0;
  #watch: TableWatch | undefined;

  constructor(options: { readonly netns?: string; readonly batchBytes?: number } = {}) {
    this.#netns = options.netns;
    this.#socket = new NetlinkSocket(options.netns);
    this.#batchBytes = options.batchBytes ?? BATCH_BYTES;
  }

  commit(transaction: Transaction): CommitOutcome {
    for (let done = 0; done < transaction.length;) {
      const batch = writeBatch(this.#writer, transaction, done, this.#batchBytes, this.#nextSequence());
      if ('unfit' in batch) return unfitRefusal(transaction, done, batch);
      this.#sequence = batch.end;
      const failure = batch.last === batch.begin ? undefined : this.#exchange(batch);
      if (failure) return refusalFrom(transaction, done, batch, failure, this.#writer.bytes);
      done = batch.next;
    }
    return { committed: true };
  }

  /**
   * Read again when somebody commits meanwhile. On a host where others never rest the last reading stands: they change
   * tables of their own, and an editor of ours is found out by the next reading.
   */
  read(): HeldTable | undefined {
    for (let attempt = 1; ; attempt++) {
      const listing = new Listing(this.#socket, () => this.#nextSequence());
      const before = listing.generation();
      const table = readHeldTable(listing);
      const isWhole = !listing.isTorn && listing.generation() === before;
      if (isWhole || attempt === READ_ATTEMPTS) return table;
    }
  }

  /** The first question begins the watching: what happened before it, nobody can tell. */
  wasTouched(): boolean {
    if (this.#watch) return this.#watch.sawOthers(this.#port);
    this.#watch = new TableWatch(this.#netns);
    return true;
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
  }

  /** Begins again long before its 32 bits end, so that numbers within a batch always rise. */
  #nextSequence(): number {
    this.#sequence = this.#sequence > 0x7fffffff ? 1 : this.#sequence + 1;
    return this.#sequence;
  }

  /** Sends the batch and reads what the kernel has queued by then: the first failure, if there is one. */
  #exchange(batch: Batch): Failure | undefined {
    this.#socket.send(this.#writer.bytes);
    let failure: Failure | undefined;
    for (let datagram = this.#socket.receive(); datagram; datagram = this.#socket.receive()) {
      for (const answer of messagesIn(datagram)) {
        if (answer.type !== NLMSG_ERROR || answer.sequence < batch.begin) continue;
        this.#port = answer.port;
        failure ??= failureFrom(answer);
        if (answer.sequence === batch.begin && failure) throw notEvenBegun(failure);
        if (answer.sequence === batch.last) return failure;
      }
    }
    if (failure) return failure;
    throw new DataplaneError('the kernel did not answer a batch; its table must be read again');
  }
}

/** It is about the socket or the machine, and no operation's fault. */
const notEvenBegun = ({ errno }: Failure): DataplaneError =>
  new DataplaneError(`the kernel refuses the batch as a whole: ${errnoText(errno)}`);
