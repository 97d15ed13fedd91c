import type { LogPosition } from '#libs/domain';
import type { ChainPositions, Page, SyncReply } from '#libs/protocol';

/**
 * Whether an answer is older than what was heard since it was asked for. Two control planes, or two servers on the way,
 * keep no common order; taken all the same, it would bring back what is revoked. A chain that has not moved since may
 * well be answered with a lower position, by a log that was restored from a backup.
 */
export function isOutdated(reply: SyncReply, asked: ChainPositions, now: ChainPositions): boolean {
  const isOlder = ({ position }: Page, before: LogPosition | undefined, has: LogPosition | undefined) =>
    has !== undefined && has > position && has !== before;
  const { host, rules, members, prefixes = [] } = reply;
  return (
    (host !== undefined && isOlder(host, asked.host, now.host)) ||
    rules.some((page) => isOlder(page, asked.rules[page.groupId], now.rules[page.groupId])) ||
    members.some((page) => isOlder(page, asked.members[page.groupId], now.members[page.groupId])) ||
    prefixes.some((page) =>
      isOlder(page, asked.prefixes?.[page.prefixListId], now.prefixes?.[page.prefixListId]),
    )
  );
}
