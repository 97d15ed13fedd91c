import type { PrefixListId } from '#libs/domain';
import { Ec2Error, missingParameter, type XmlFields } from '#libs/protocol';
import { newId } from '../../commands/new-ids.js';
import type { Action, ActionContext } from '../action.js';
import { clientTokenFrom } from '../client-token.js';
import { ownOf } from '../filters.js';
import { integerFrom, requireInteger } from '../integer-parameters.js';
import { cidrsFrom, entriesFrom, familyFrom, requirePrefixListId } from '../prefix-list-parameters.js';
import { prefixListXml, type PrefixListState } from '../prefix-list-xml.js';
import { tagsFrom } from '../tags.js';

/** A request that is sent again, by its ClientToken, is answered with the list that the first one made. */
export const createManagedPrefixList: Action = async (parameters, context) => {
  const { accountId } = context.account;
  const name = parameters.text('PrefixListName');
  if (name === undefined) throw missingParameter('PrefixListName');
  const wish = {
    name,
    family: familyFrom(parameters),
    maxEntries: requireInteger(parameters, 'MaxEntries'),
    entries: entriesFrom(parameters, 'Entry'),
    tags: tagsFrom(parameters, 'prefix-list'),
  };
  const token = clientTokenFrom(parameters, wish);
  const prefixListId = newId<'PrefixListId'>('pl');
  const events = await context.execute({
    type: 'CreatePrefixList',
    accountId,
    prefixListId,
    ...wish,
    ...token,
  });
  const [madeBefore] =
    events.length === 0 && token.clientToken
      ? context.directory.madeBy(accountId, token.clientToken.token)
      : [];
  return shown((madeBefore as PrefixListId | undefined) ?? prefixListId, context, 'create-complete');
};

export const modifyManagedPrefixList: Action = async (parameters, context) => {
  const { accountId } = context.account;
  const prefixListId = requirePrefixListId(parameters);
  const [currentVersion, maxEntries] = ['CurrentVersion', 'MaxEntries'].map((field) =>
    integerFrom(parameters, field),
  );
  const name = parameters.text('PrefixListName');
  await context.execute({
    type: 'ModifyPrefixList',
    accountId,
    prefixListId,
    ...(currentVersion === undefined ? {} : { currentVersion }),
    ...(name === undefined ? {} : { name }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    add: entriesFrom(parameters, 'AddEntry'),
    remove: cidrsFrom(parameters, 'RemoveEntry'),
  });
  return shown(prefixListId, context, 'modify-complete');
};

/** The entries of an older version come back as a new one. */
export const restoreManagedPrefixListVersion: Action = async (parameters, context) => {
  const { account, directory } = context;
  const prefixListId = requirePrefixListId(parameters);
  const previous = requireInteger(parameters, 'PreviousVersion');
  const currentVersion = requireInteger(parameters, 'CurrentVersion');
  const list = ownOf(directory.prefixLists, prefixListId, account.accountId);
  const entries = list.entriesAt(previous);
  if (!entries) throw unknownVersion(prefixListId, previous);
  await context.execute({
    type: 'ModifyPrefixList',
    accountId: account.accountId,
    prefixListId,
    currentVersion,
    add: [...entries.values()],
    remove: [...list.entries.keys()].filter((cidr) => !entries.has(cidr)),
  });
  return shown(prefixListId, context, 'restore-complete');
};

export const deleteManagedPrefixList: Action = async (parameters, context) => {
  const { accountId } = context.account;
  const prefixListId = requirePrefixListId(parameters);
  const answer = shown(prefixListId, context, 'delete-complete');
  await context.execute({ type: 'DeletePrefixList', accountId, prefixListId });
  return answer;
};

export const unknownVersion = (prefixListId: PrefixListId, version: number): Ec2Error =>
  new Ec2Error(
    'InvalidParameterValue',
    `The prefix list ${prefixListId} has no version ${version}, or it is remembered no more`,
  );

function shown(
  prefixListId: PrefixListId,
  { account, directory, region }: ActionContext,
  state: PrefixListState,
): XmlFields {
  const list = ownOf(directory.prefixLists, prefixListId, account.accountId);
  return { prefixList: prefixListXml(list, region, state) };
}
