import { parseInstanceId, type InstanceId } from '#libs/domain';
import type { InstanceView } from '#libs/projections';
import { Ec2Error, ec2ErrorFrom, type QueryParameters } from '#libs/protocol';
import type { ActionContext } from './action.js';
import { select, selectFrom } from './filters.js';
import { instanceFilters } from './instance-filters.js';

/** "Terminated instances remain visible for a short while": about an hour. */
const SHOWN_AFTER_TERMINATION_MS = 60 * 60 * 1000;

export function instanceIdFrom(text: string): InstanceId {
  const instanceId = parseInstanceId(text);
  if (!instanceId) throw new Ec2Error('InvalidInstanceID.Malformed', `Invalid id: "${text}"`);
  return instanceId;
}

/** Those named by InstanceId.N (one that there is not fails the whole call), or all; of these what the filters let. */
export function wantedInstances(parameters: QueryParameters, context: ActionContext): Iterable<InstanceView> {
  const { account, directory, now, region } = context;
  const isShown = ({ terminatedAt }: InstanceView): boolean =>
    terminatedAt === undefined || now.getTime() - Date.parse(terminatedAt) < SHOWN_AFTER_TERMINATION_MS;
  const ids = new Set(parameters.list('InstanceId').map(instanceIdFrom));
  if (ids.size === 0)
    return select(directory.instances, account.accountId, parameters, instanceFilters(region)).filter(
      isShown,
    );
  return selectFrom(instancesOf(ids, context).filter(isShown), parameters, instanceFilters(region));
}

/** The account's, by their ids; one that there is not is an error. */
export function instancesOf(
  ids: Iterable<InstanceId>,
  { account, directory }: ActionContext,
): readonly InstanceView[] {
  const unknown: InstanceId[] = [];
  const found = [...ids].flatMap((id) => {
    const view = directory.instances.get(id);
    if (view?.accountId === account.accountId) return view;
    unknown.push(id);
    return [];
  });
  if (unknown.length > 0) throw ec2ErrorFrom({ code: 'InstanceUnknown', instanceIds: unknown });
  return found;
}
