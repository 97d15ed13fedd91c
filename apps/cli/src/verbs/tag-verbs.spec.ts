import { describe, expect, it } from 'vitest';
import { linesFor, requestFor } from '../testing/typed.js';
import type { Verb } from '../verb.js';
import { createTags } from './create-tags.js';
import { deleteTags } from './delete-tags.js';
import { describeTags } from './describe-tags.js';

const resources = { 'ResourceId.1': 'sg-1a2b3c4d', 'ResourceId.2': 'i-1a2b3c4d' };

describe('what the tag verbs ask for', () => {
  it.each<[Verb, string, Record<string, string>]>([
    [
      createTags,
      'sg-1a2b3c4d i-1a2b3c4d -tag stage=a=b --tag critical',
      {
        Action: 'CreateTags',
        ...resources,
        'Tag.1.Key': 'stage',
        'Tag.1.Value': 'a=b',
        'Tag.2.Key': 'critical',
        'Tag.2.Value': '',
      },
    ],
    [
      deleteTags,
      'sg-1a2b3c4d i-1a2b3c4d -t stage -t critical= -t team=edge',
      {
        Action: 'DeleteTags',
        ...resources,
        'Tag.1.Key': 'stage',
        'Tag.2.Key': 'critical',
        'Tag.2.Value': '',
        'Tag.3.Key': 'team',
        'Tag.3.Value': 'edge',
      },
    ],
    [
      describeTags,
      '-F resource-type=instance -F key=stage',
      {
        Action: 'DescribeTags',
        'Filter.1.Name': 'resource-type',
        'Filter.1.Value.1': 'instance',
        'Filter.2.Name': 'key',
        'Filter.2.Value.1': 'stage',
      },
    ],
  ])('%#', (verb, typed, parameters) => {
    expect(requestFor(verb, typed)).toEqual(parameters);
  });

  it.each<[Verb, string, string]>([
    [createTags, 'i-1a2b3c4d', '--tag is missing: give -t KEY=VALUE'],
    [deleteTags, 'i-1a2b3c4d -t =edge', "--tag '=edge' has no key: write KEY=VALUE"],
  ])('%#: refuses', (verb, typed, complaint) => {
    expect(() => requestFor(verb, typed)).toThrow(complaint);
  });
});

describe('what the tag verbs print', () => {
  it.each([createTags, deleteTags])('%#: each resource with each tag', (verb) => {
    const typed = 'sg-1a2b3c4d i-1a2b3c4d sgr-1a2b3c4d x-1 -t stage=prod -t critical';
    expect(linesFor(verb, typed, '<return>true</return>')).toBe(
      [
        'TAG\tsecurity-group\tsg-1a2b3c4d\tstage\tprod',
        'TAG\tsecurity-group\tsg-1a2b3c4d\tcritical\t',
        'TAG\tinstance\ti-1a2b3c4d\tstage\tprod',
        'TAG\tinstance\ti-1a2b3c4d\tcritical\t',
        'TAG\tsecurity-group-rule\tsgr-1a2b3c4d\tstage\tprod',
        'TAG\tsecurity-group-rule\tsgr-1a2b3c4d\tcritical\t',
        'TAG\t\tx-1\tstage\tprod',
        'TAG\t\tx-1\tcritical\t',
        '',
      ].join('\n'),
    );
  });

  it('describe: what has it, and the tag', () => {
    const answer = `<tagSet><item>
      <resourceId>i-1a2b3c4d</resourceId><resourceType>instance</resourceType><key>stage</key><value>prod</value>
    </item></tagSet>`;
    expect(linesFor(describeTags, '', answer)).toBe('TAG\tinstance\ti-1a2b3c4d\tstage\tprod\n');
  });
});
