import { askRampart } from '../../connection/native.js';
import { listingCommand } from '../listing.js';
import { withQuery } from './asked.js';
import type { GroupRule, Peer } from './views.js';
import { groupWord, peerWords, trafficWords } from './words.js';

interface EffectiveRule extends GroupRule {
  readonly peer: Peer & {
    readonly instances?: number;
    readonly addresses?: readonly string[];
    readonly blocks?: number;
    readonly cidrs?: readonly string[];
  };
}

const SHOWN = 4;

export const effective = listingCommand<EffectiveRule>({
  summary: 'Lists all rules that hold for an instance, and what their far ends stand for.',
  operands: '<instance>',
  completes: 'instance',
  looksBack: true,
  flags: [],
  examples: [
    [
      `"$(ec2din -F instance-state-name=running | awk '/^INSTANCE/ { print $2; exit }')"`,
      'of the first instance that runs',
    ],
  ],
  plural: 'rules',
  fetch: async (connection, given) => {
    const [instance = ''] = given.operands;
    const path = `/v1/instances/${encodeURIComponent(instance)}/rules`;
    const asked = withQuery(path, { at: connection.at });
    return (await askRampart<{ readonly rules: readonly EffectiveRule[] }>(connection, asked)).rules;
  },
  columns: [
    ['DIRECTION', ({ direction }) => direction],
    ['TRAFFIC', trafficWords],
    ['PEER', peerWords],
    ['THAT IS', standsFor],
    ['BY GROUP', ({ group }) => groupWord(group)],
    ['SINCE', ({ since }) => String(since.position)],
    ['RULE', ({ ruleId }) => ruleId],
  ],
  whenEmpty: 'no rule: nothing gets in or out',
});

function standsFor({ peer: { instances, addresses, blocks, cidrs } }: EffectiveRule): string {
  if (addresses)
    return some(addresses, addresses.length, `${instances} instance${instances === 1 ? '' : 's'}`);
  if (cidrs) return some(cidrs, blocks ?? 0, `${blocks} block${blocks === 1 ? '' : 's'}`);
  return '';
}

function some(all: readonly string[], count: number, counted: string): string {
  const shown = all.slice(0, SHOWN).join(' ');
  return `${counted}${shown && `: ${shown}`}${count > SHOWN ? ' …' : ''}`;
}
