import type { BusMessage } from '#libs/bus';
import { parseHostId, type HostId } from '#libs/domain';

/** Whose subject it is, and so whose message: what the message says of itself is not believed. */
export const hostOf = ({ subject }: Pick<BusMessage, 'subject'>): HostId | undefined =>
  parseHostId(subject.split('.').at(-1) ?? '');
