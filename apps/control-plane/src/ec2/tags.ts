import type { Tag, Tags } from '#libs/domain';
import { Ec2Error, type QueryParameters, type Xml } from '#libs/protocol';

/** What TagSpecification.N may be for. */
export type TaggedKind = 'security-group' | 'security-group-rule' | 'instance' | 'prefix-list';

/** The tags of the request's TagSpecifications of that kind; those of another are refused, as EC2 does. */
export function tagsFrom(
  parameters: QueryParameters,
  kind: TaggedKind,
  alsoAllowed: readonly string[] = [],
): readonly Tag[] {
  return parameters.structures('TagSpecification').flatMap((specification) => {
    const given = specification.text('ResourceType') ?? '';
    if (given === kind) return tagList(specification);
    if (alsoAllowed.includes(given)) return [];
    throw new Ec2Error(
      'InvalidParameterValue',
      `'${given}' is not a valid taggable resource type for this operation: use '${kind}'`,
    );
  });
}

/** Tag.N.Key and Tag.N.Value; a tag without a value has an empty one. */
export const tagList = (parameters: QueryParameters): readonly Tag[] =>
  parameters.structures('Tag').map((tag) => ({ key: tag.text('Key') ?? '', value: tag.text('Value') ?? '' }));

/** Tags as they were given. */
export const tagListXml = (tags: readonly Tag[]): readonly Xml[] =>
  tags.map(({ key, value }) => ({ key, value }));

export const tagSetXml = (tags: Tags): readonly Xml[] => [...tags].map(([key, value]) => ({ key, value }));
