import { ERROR, NLM_F_ACK_TLVS } from './constants.js';
import { attributesOf, textOf, type NetlinkMessage } from './reader.js';

/** What the kernel says of a message that it refuses: struct nlmsgerr with its extended acknowledgement. */
export interface Failure {
  /** Of the message. */
  readonly sequence: number;
  readonly errno: number;
  readonly explanation?: string;
  /** Where in the message the attribute begins that the kernel objects to. */
  readonly offset?: number;
}

/** The error number, then the header of the refused message (NETLINK_CAP_ACK leaves out the rest of it). */
const ATTRIBUTES_START = 4 + 16;

/** Undefined when the answer is a plain yes. */
export function failureFrom({ flags, sequence, payload }: NetlinkMessage): Failure | undefined {
  const errno = -payload.readInt32LE(0);
  if (errno === 0) return undefined;
  if ((flags & NLM_F_ACK_TLVS) === 0) return { sequence, errno };
  const attributes = attributesOf(payload.subarray(ATTRIBUTES_START));
  const explanation = attributes.get(ERROR.MSG);
  const offset = attributes.get(ERROR.OFFS);
  return {
    sequence,
    errno,
    ...(explanation ? { explanation: textOf(explanation) } : {}),
    ...(offset ? { offset: offset.readUInt32LE(0) } : {}),
  };
}
