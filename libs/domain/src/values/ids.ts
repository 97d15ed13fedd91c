import type { Brand } from './brand.js';

export type AccountId = Brand<string, 'AccountId'>;
export type GroupId = Brand<string, 'GroupId'>;
export type RuleId = Brand<string, 'RuleId'>;
export type InstanceId = Brand<string, 'InstanceId'>;
export type ReservationId = Brand<string, 'ReservationId'>;
export type VpcId = Brand<string, 'VpcId'>;
export type PrefixListId = Brand<string, 'PrefixListId'>;
export type HostId = Brand<string, 'HostId'>;

/** What can carry tags. */
export type ResourceId = GroupId | RuleId | InstanceId | PrefixListId;

/** Place in the one order of all events of a cell: 1 is the first event, 0 stands for "before the first". */
export type LogPosition = number;

// EC2 ids have 17 hex digits, those from before 2016 have 8; clients still send both.
const HEX = '(?:[0-9a-f]{8}|[0-9a-f]{17})';
const parser =
  <Id extends string>(pattern: RegExp) =>
  (text: string): Brand<string, Id> | undefined =>
    pattern.test(text) ? (text as Brand<string, Id>) : undefined;

/** Twelve digits, as everywhere in AWS. */
export const parseAccountId = parser<'AccountId'>(/^[0-9]{12}$/);
export const parseGroupId = parser<'GroupId'>(new RegExp(`^sg-${HEX}$`));
export const parseRuleId = parser<'RuleId'>(new RegExp(`^sgr-${HEX}$`));
export const parseInstanceId = parser<'InstanceId'>(new RegExp(`^i-${HEX}$`));
export const parseReservationId = parser<'ReservationId'>(new RegExp(`^r-${HEX}$`));
export const parsePrefixListId = parser<'PrefixListId'>(new RegExp(`^pl-${HEX}$`));
export const parseVpcId = parser<'VpcId'>(new RegExp(`^vpc-${HEX}$`));
/** A host is called by the name its operator gives it: a DNS label (RFC 1123), since it is part of NATS subjects. */
export const parseHostId = parser<'HostId'>(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
