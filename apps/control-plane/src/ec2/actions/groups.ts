import type { GroupView } from '#libs/projections';
import { ec2ErrorFrom, missingParameter, type QueryParameters, type Xml } from '#libs/protocol';
import { newId } from '../../commands/new-ids.js';
import { arnOf, type Action, type ActionContext } from '../action.js';
import { filterFrom, type FilterTable } from '../filters.js';
import { groupFrom, groupIdFrom } from '../group-parameters.js';
import { pageOf } from '../pages.js';
import { ipPermissionsXml } from '../rule-xml.js';

export const createSecurityGroup: Action = async (parameters, { account, execute, region }) => {
  const [name, description] = [parameters.text('GroupName'), parameters.text('GroupDescription')];
  if (name === undefined) throw missingParameter('GroupName');
  if (description === undefined) throw missingParameter('GroupDescription');
  const { accountId } = account;
  const groupId = newId<'GroupId'>('sg');
  await execute({
    type: 'CreateGroup',
    accountId,
    groupId,
    name,
    description,
    ruleIds: [newId('sgr'), newId('sgr')],
  });
  return { groupId, tagSet: [], securityGroupArn: arnOf(region, accountId, 'security-group', groupId) };
};

export const deleteSecurityGroup: Action = async (parameters, { account, execute }) => {
  const { accountId } = account;
  const events = await execute({ type: 'DeleteGroup', accountId, group: groupFrom(parameters) });
  const deleted = events.map(({ event }) => event).find((event) => event.type === 'GroupDeleted');
  return { return: true, groupId: deleted?.groupId };
};

const FILTERS: FilterTable<GroupView> = {
  description: ({ description }) => [description],
  'group-id': ({ groupId }) => [groupId],
  'group-name': ({ name }) => [name],
  'owner-id': ({ accountId }) => [accountId],
  'vpc-id': ({ vpcId }) => [vpcId],
};

export const describeSecurityGroups: Action = (parameters, context) => {
  const filter = filterFrom(parameters, FILTERS);
  const page = pageOf(wantedGroups(parameters, context).filter(filter), ({ groupId }) => groupId, parameters);
  return {
    securityGroupInfo: page.things.map((group) => groupXml(group, context)),
    nextToken: page.nextToken,
  };
};

/** Those named by id or by name, or all; one that there is not fails the whole call. */
function wantedGroups(
  parameters: QueryParameters,
  { account, directory }: ActionContext,
): readonly GroupView[] {
  const { accountId } = account;
  const references = [
    ...parameters.list('GroupId').map((text) => ({ groupId: groupIdFrom(text) })),
    ...parameters.list('GroupName').map((groupName) => ({ groupName })),
  ];
  if (references.length === 0) return [...directory.groupsOf(accountId)];
  return references.map((reference) => {
    const group =
      'groupId' in reference
        ? directory.group(reference.groupId)
        : directory.groupNamed(accountId, reference.groupName);
    if (group?.accountId !== accountId)
      throw ec2ErrorFrom({ code: 'GroupUnknown', accountId, group: reference });
    return group;
  });
}

function groupXml(group: GroupView, { directory, region }: ActionContext): Xml {
  const rules = [...group.rules.values()];
  return {
    ownerId: group.accountId,
    groupName: group.name,
    groupId: group.groupId,
    groupDescription: group.description,
    vpcId: group.vpcId,
    ipPermissions: ipPermissionsXml(
      rules.filter(({ direction }) => direction === 'ingress'),
      directory,
    ),
    ipPermissionsEgress: ipPermissionsXml(
      rules.filter(({ direction }) => direction === 'egress'),
      directory,
    ),
    tagSet: [],
    securityGroupArn: arnOf(region, group.accountId, 'security-group', group.groupId),
  };
}
