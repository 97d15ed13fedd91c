import { cidrContains, partsOf, type Cidr } from '../values/cidr.js';
import { peerKey, type Peer, type Permission } from '../values/rule.js';
import type { Traffic } from '../values/traffic.js';

/** Whether one permission allows all that the other allows, by itself and whatever groups come to have as members. */
export const permissionCovers = (wide: Permission, narrow: Permission): boolean =>
  wide.direction === narrow.direction &&
  trafficCovers(wide.traffic, narrow.traffic) &&
  peerCovers(wide.peer, narrow.peer);

function trafficCovers(wide: Traffic, narrow: Traffic): boolean {
  if (wide.kind === 'all') return true;
  if (narrow.kind === 'all' || wide.protocol !== narrow.protocol) return false;
  if (wide.kind === 'ports' && narrow.kind === 'ports')
    return wide.from <= narrow.from && wide.to >= narrow.to;
  if (wide.kind === 'icmp' && narrow.kind === 'icmp')
    return (
      (wide.type === undefined || wide.type === narrow.type) &&
      (wide.code === undefined || wide.code === narrow.code)
    );
  return wide.kind === 'protocol' && narrow.kind === 'protocol';
}

const peerCovers = (wide: Peer, narrow: Peer): boolean =>
  wide.kind === 'cidr' && narrow.kind === 'cidr'
    ? cidrCovers(wide.cidr, narrow.cidr)
    : peerKey(wide) === peerKey(narrow);

const cidrCovers = (wide: Cidr, narrow: Cidr): boolean =>
  partsOf(wide).prefixLength <= partsOf(narrow).prefixLength && cidrContains(wide, partsOf(narrow).network);
