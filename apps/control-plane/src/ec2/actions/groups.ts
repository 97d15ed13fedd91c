import type { Direction } from '#libs/domain';
import type { GroupView } from '#libs/projections';
import { ec2ErrorFrom, missingParameter, type QueryParameters, type Xml } from '#libs/protocol';
import { newId } from '../../commands/new-ids.js';
import { arnOf, type Action, type ActionContext } from '../action.js';
import { select, selectFrom, type FilterTable } from '../filters.js';
import { GROUP_FILTERS } from '../group-filters.js';
import { groupFrom, groupIdFrom } from '../group-parameters.js';
import { requireVpc } from '../id-parameters.js';
import { pageOf } from '../pages.js';
import { ipPermissionsXml } from '../rule-xml.js';
import { tagListXml, tagSetXml, tagsFrom } from '../tags.js';

export const createSecurityGroup: Action = async (parameters, { account, execute, region }) => {
  const [name, description] = [parameters.text('GroupName'), parameters.text('GroupDescription')];
  if (name === undefined) throw missingParameter('GroupName');
  if (description === undefined) throw missingParameter('GroupDescription');
  if (parameters.text('VpcId') !== undefined) requireVpc(parameters, account);
  const { accountId } = account;
  const groupId = newId<'GroupId'>('sg');
  const tags = tagsFrom(parameters, 'security-group');
  await execute({
    type: 'CreateGroup',
    accountId,
    groupId,
    name,
    description,
    ruleIds: [newId('sgr'), newId('sgr')],
    tags,
  });
  return {
    groupId,
    tagSet: tagListXml(tags),
    securityGroupArn: arnOf(region, accountId, 'security-group', groupId),
  };
};

export const deleteSecurityGroup: Action = async (parameters, { account, execute }) => {
  const { accountId } = account;
  const events = await execute({ type: 'DeleteGroup', accountId, group: groupFrom(parameters) });
  const deleted = events.map(({ event }) => event).find((event) => event.type === 'GroupDeleted');
  return { return: true, groupId: deleted?.groupId };
};

export const describeSecurityGroups: Action = (parameters, context) => {
  const page = pageOf(wantedGroups(parameters, context), parameters);
  return {
    securityGroupInfo: page.things.values().map((group) => groupXml(group, context)),
    nextToken: page.nextToken,
  };
};

const VPC_FILTERS: FilterTable<GroupView> = {
  ...GROUP_FILTERS,
  'primary-vpc-id': ({ vpcId }) => [vpcId],
};

export const getSecurityGroupsForVpc: Action = (parameters, { account, directory }) => {
  const vpcId = requireVpc(parameters, account);
  const page = pageOf(select(directory.groups, account.accountId, parameters, VPC_FILTERS), parameters);
  const groups = page.things.map(({ accountId: ownerId, groupId, name, description, tags }) => {
    const text = { groupName: name, description };
    return { ownerId, groupId, ...text, primaryVpcId: vpcId, tagSet: tagSetXml(tags) };
  });
  return { securityGroupForVpcSet: groups, nextToken: page.nextToken };
};

/** Those named by id or by name (one that there is not fails the whole call), or all; of these what the filters let. */
function wantedGroups(
  parameters: QueryParameters,
  { account, directory }: ActionContext,
): Iterable<GroupView> {
  const { accountId, vpcId } = account;
  const references = [
    ...parameters.list('GroupId').map((text) => ({ groupId: groupIdFrom(text) })),
    ...parameters.list('GroupName').map((groupName) => ({ groupName })),
  ];
  if (references.length === 0) return select(directory.groups, accountId, parameters, GROUP_FILTERS);
  const named = references.map((reference) => {
    const group =
      'groupId' in reference
        ? directory.groups.get(reference.groupId)
        : directory.groupNamed(accountId, reference.groupName);
    if (group?.accountId !== accountId)
      throw ec2ErrorFrom({ code: 'GroupUnknown', accountId, vpcId, group: reference });
    return group;
  });
  return selectFrom(new Set(named), parameters, GROUP_FILTERS);
}

function groupXml(group: GroupView, { directory, region }: ActionContext): Xml {
  const permissions = (direction: Direction): readonly Xml[] => {
    const rules = group.rules.values().filter(({ rule }) => rule.direction === direction);
    return ipPermissionsXml(rules, directory);
  };
  return {
    ownerId: group.accountId,
    groupName: group.name,
    groupId: group.groupId,
    groupDescription: group.description,
    vpcId: group.vpcId,
    ipPermissions: permissions('ingress'),
    ipPermissionsEgress: permissions('egress'),
    tagSet: tagSetXml(group.tags),
    securityGroupArn: arnOf(region, group.accountId, 'security-group', group.groupId),
  };
}
