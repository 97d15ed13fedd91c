import type { Distribution } from '#libs/projections';
import { PROTOCOL_VERSION, type SyncReply, type SyncRequest } from '#libs/protocol';
import type { Wire } from './wire.js';

/** Chains go whole into one answer until it is this long; NATS refuses payloads above 1 MiB by default. */
const REPLY_BYTES = 512 * 1024;

/** All that the host lacks, or as much of it as fits. */
export function answerSync(
  { hostId, has }: SyncRequest,
  distribution: Distribution,
  wire: Wire,
  position: number,
): SyncReply {
  const closure = distribution.closureOf(hostId);
  const rules: SyncReply['rules'][number][] = [];
  const members: SyncReply['members'][number][] = [];
  let bytes = 0;
  let more = false;
  const fits = (chain: unknown): boolean => {
    bytes += JSON.stringify(chain).length;
    more ||= bytes > REPLY_BYTES && rules.length + members.length > 0;
    return !more;
  };
  const hostAt = distribution.positionOf({ kind: 'host', hostId });
  const instances = (): SyncReply['host'] => ({
    position: hostAt,
    instances: distribution.instancesOn(hostId).map((instance) => wire.instance(instance)),
  });
  for (const groupId of closure.rules) {
    const at = distribution.positionOf({ kind: 'rules', groupId });
    if (more || has.rules[groupId] === at) continue;
    const chain = {
      groupId,
      number: distribution.numberOf(groupId),
      position: at,
      rules: distribution.rulesOf(groupId).map((rule) => wire.rule(rule)),
    };
    if (fits(chain)) rules.push(chain);
  }
  for (const groupId of closure.members) {
    const at = distribution.positionOf({ kind: 'members', groupId });
    if (more || has.members[groupId] === at) continue;
    const chain = {
      groupId,
      number: distribution.numberOf(groupId),
      position: at,
      addresses: distribution.membersOf(groupId),
    };
    if (fits(chain)) members.push(chain);
  }
  const host = has.host === hostAt ? {} : { host: instances() as NonNullable<SyncReply['host']> };
  return { version: PROTOCOL_VERSION, position, ...host, rules, members, more };
}
