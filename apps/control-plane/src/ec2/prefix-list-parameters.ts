import {
  parseCidr,
  type AddressFamily,
  type Cidr,
  type PrefixListEntry,
  type PrefixListId,
} from '#libs/domain';
import { Ec2Error, missingParameter, type QueryParameters } from '#libs/protocol';
import { prefixListIdFrom } from './id-parameters.js';

/** The list that a request is about. */
export function requirePrefixListId(parameters: QueryParameters): PrefixListId {
  const text = parameters.text('PrefixListId');
  if (text === undefined) throw missingParameter('PrefixListId');
  return prefixListIdFrom(text);
}

/** `name`.N.Cidr and `name`.N.Description. */
export const entriesFrom = (parameters: QueryParameters, name: string): readonly PrefixListEntry[] =>
  parameters.structures(name).map((entry) => {
    const [cidr, description] = [cidrFrom(entry), entry.text('Description')];
    return description === undefined ? { cidr } : { cidr, description };
  });

/** `name`.N.Cidr. */
export const cidrsFrom = (parameters: QueryParameters, name: string): readonly Cidr[] =>
  parameters.structures(name).map(cidrFrom);

export function familyFrom(parameters: QueryParameters): AddressFamily {
  const text = parameters.text('AddressFamily');
  if (text === undefined) throw missingParameter('AddressFamily');
  if (text === 'IPv4') return 4;
  if (text === 'IPv6') return 6;
  throw new Ec2Error(
    'InvalidParameterValue',
    `Value (${text}) for parameter AddressFamily is invalid: use IPv4 or IPv6`,
  );
}

function cidrFrom(entry: QueryParameters): Cidr {
  const text = entry.text('Cidr');
  if (text === undefined) throw missingParameter('Cidr');
  const cidr = parseCidr(text);
  if (!cidr) throw new Ec2Error('InvalidParameterValue', `CIDR block ${text} is malformed`);
  return cidr;
}
