import type { Flag, Given } from '../flags.js';
import { listed, structures } from '../parameters.js';
import type { Row } from '../rows.js';
import { UsageError } from '../usage-error.js';
import type { Parameters } from '../verb.js';
import { tagRow } from '../tag-rows.js';

/** What creating and deleting tags have in common. */
export const tagFlag = (says: string): Flag => ({ flags: '-t, --tag <key[=value]>', says, repeatable: true });

interface Tag {
  readonly key: string;
  /** Undefined where no `=` was typed. */
  readonly value: string | undefined;
}

export const tagParameters = (
  action: 'CreateTags' | 'DeleteTags',
  given: Given,
  valueOf: (tag: Tag) => string | undefined,
): Parameters => ({
  Action: action,
  ...listed('ResourceId', given.operands),
  ...structures('Tag', tagsFrom(given), (tag) => ({ Key: tag.key, Value: valueOf(tag) })),
});

/** Each resource with each tag: classic tools repeat the request. */
export const tagEcho = (given: Given): readonly Row[] =>
  given.operands.flatMap((id) => tagsFrom(given).map(({ key, value }) => tagRow(kindOf(id), id, key, value)));

function tagsFrom(given: Given): readonly Tag[] {
  const tags = given.many('--tag').map((text) => {
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    if (key === '') throw new UsageError(`--tag '${text}' has no key: write KEY=VALUE, as in -t stage=prod`);
    return { key, value };
  });
  if (tags.length === 0) throw new UsageError('--tag is missing: give -t KEY=VALUE, as in -t stage=prod');
  return tags;
}

/** Amazon's resource types, by how their ids begin. */
const KINDS: Readonly<Record<string, string>> = {
  sg: 'security-group',
  sgr: 'security-group-rule',
  i: 'instance',
  vpc: 'vpc',
  subnet: 'subnet',
  ami: 'image',
};

const kindOf = (id: string): string | undefined => KINDS[id.split('-', 1)[0] ?? ''];
