import type { AccountId, GroupId, HostId, PrefixListId } from '#libs/domain';

/**
 * NATS subjects. Each names one host, group or account, so that NATS's own permissions can say who may follow or
 * publish what: a host publishes only on its own `sync` and `report`, a service only on its account's `command`.
 */
export const rulesSubject = (groupId: GroupId): string => `rampart.rules.${groupId}`;
export const membersSubject = (groupId: GroupId): string => `rampart.members.${groupId}`;
export const prefixesSubject = (prefixListId: PrefixListId): string => `rampart.prefixes.${prefixListId}`;
export const hostSubject = (hostId: HostId): string => `rampart.host.${hostId}`;
export const syncSubject = (hostId: HostId): string => `rampart.sync.${hostId}`;
export const reportSubject = (hostId: HostId): string => `rampart.report.${hostId}`;
/** Asked of a host: what does its kernel hold? */
export const verifySubject = (hostId: HostId): string => `rampart.verify.${hostId}`;
/** Asked and answered, so that a host knows that it is in the log. */
export const driftSubject = (hostId: HostId): string => `rampart.drift.${hostId}`;
/** Asked and answered: instances that a host announces by itself. */
export const announceSubject = (hostId: HostId): string => `rampart.announce.${hostId}`;
export const commandSubject = (accountId: AccountId): string => `rampart.command.${accountId}`;
/** One message for each change that has reached every host it concerns, or whose time to do so is over. */
export const RECEIPT_SUBJECT = 'rampart.receipt';

/** On which control planes that share a log ask each other for time to append. */
export const TURN_SUBJECT = 'rampart.turn';
/** The signed heads of the log. */
export const LOG_HEAD_SUBJECT = 'rampart.log.head';
/** Only of agents without a kernel: what would become of a packet. */
export const evaluateSubject = (hostId: HostId): string => `rampart.evaluate.${hostId}`;
