import { TABLE } from '#libs/compiler';
import { MSG, NFNLGRP_NFTABLES } from './constants.js';
import { attributesIn, messagesIn, textOf } from './reader.js';
import { NetlinkSocket } from './socket.js';

/** Of struct nfgenmsg, before the attributes. */
const HEADER_BYTES = 4;
/** NFTA_*_TABLE is 1 for every kind of object, and NFTA_TABLE_NAME too. */
const TABLE_ATTRIBUTE = 1;
const MESSAGE_MASK = 0xff;

/** Follows the kernel's notifications of changes in one namespace, for those of our table that others made. */
export class TableWatch implements Disposable {
  readonly #socket: NetlinkSocket;

  constructor(netns?: string) {
    this.#socket = new NetlinkSocket(netns, NFNLGRP_NFTABLES);
  }

  /** Takes in what has been notified. `ownPort` is that of the socket by which the table is changed here. */
  sawOthers(ownPort: number): boolean {
    let saw = false;
    for (;;) {
      const datagram = this.#socket.hear();
      if (datagram === 'overrun') saw = true;
      else if (!datagram) return saw;
      else
        saw ||= messagesIn(datagram).some(({ type, port, payload }) => {
          const isChange = (type & MESSAGE_MASK) !== MSG.NEWGEN;
          return isChange && port !== ownPort && tableIn(payload) === TABLE;
        });
    }
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}

function tableIn(payload: Buffer): string {
  for (const [type, value] of attributesIn(payload.subarray(HEADER_BYTES)))
    if (type === TABLE_ATTRIBUTE) return textOf(value);
  return '';
}
