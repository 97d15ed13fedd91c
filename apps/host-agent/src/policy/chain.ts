import type { GroupId, LogPosition } from '#libs/domain';
import type { ChainPositions, Confirmation } from '#libs/protocol';

/** What becomes of a delta: it follows on what is there, it is known already, or something before it is missing. */
export type Fit = 'next' | 'known' | 'gap';

export function fitOf(
  has: LogPosition | undefined,
  { position, previous }: { readonly position: LogPosition; readonly previous: LogPosition },
): Fit {
  if (has === undefined) return 'gap';
  if (position <= has) return 'known';
  return previous === has ? 'next' : 'gap';
}

/** Where every chain that a host follows stands. */
export class Positions {
  host: LogPosition = 0;
  readonly rules = new Map<GroupId, LogPosition>();
  readonly members = new Map<GroupId, LogPosition>();

  toJSON(): ChainPositions {
    return {
      host: this.host,
      rules: Object.fromEntries(this.rules),
      members: Object.fromEntries(this.members),
    };
  }
}

export const confirmationText = ({ chain, groupId }: Confirmation): string => `${chain} ${groupId ?? ''}`;
