import { parseGroupId, type GroupId, type GroupReference } from '#libs/domain';
import { Ec2Error, missingParameter, type QueryParameters } from '#libs/protocol';

/** The group that a request is about: GroupId, or GroupName. */
export function groupFrom(parameters: QueryParameters): GroupReference {
  const [id, groupName] = [parameters.text('GroupId'), parameters.text('GroupName')];
  if (id !== undefined) return { groupId: groupIdFrom(id) };
  if (groupName !== undefined) return { groupName };
  throw missingParameter('GroupId');
}

export function groupIdFrom(text: string): GroupId {
  const groupId = parseGroupId(text);
  if (!groupId)
    throw new Ec2Error('InvalidGroupId.Malformed', `The security group ID '${text}' is malformed`);
  return groupId;
}
