import type { Verb } from './verb.js';

/** Every name a verb answers to, the full one first. Verbs load one at a time: most of a run is loading. */
const VERBS: readonly (readonly [names: readonly string[], load: () => Promise<Verb>])[] = [
  [
    ['ec2-create-group', 'ec2-add-group', 'ec2addgrp'],
    async () => (await import('./verbs/create-group.js')).createGroup,
  ],
  [['ec2-authorize', 'ec2auth'], async () => (await import('./verbs/authorize.js')).authorize],
  [['ec2-revoke', 'ec2revoke'], async () => (await import('./verbs/revoke.js')).revoke],
  [
    ['ec2-describe-group', 'ec2-describe-groups', 'ec2dgrp'],
    async () => (await import('./verbs/describe-group.js')).describeGroup,
  ],
  [['ec2-delete-group', 'ec2delgrp'], async () => (await import('./verbs/delete-group.js')).deleteGroup],
  [['ec2-run-instances', 'ec2run'], async () => (await import('./verbs/run-instances.js')).runInstances],
  [
    ['ec2-describe-instances', 'ec2din'],
    async () => (await import('./verbs/describe-instances.js')).describeInstances,
  ],
  [
    ['ec2-describe-instance-status', 'ec2dins'],
    async () => (await import('./verbs/describe-instance-status.js')).describeInstanceStatus,
  ],
  [
    ['ec2-terminate-instances', 'ec2kill'],
    async () => (await import('./verbs/terminate-instances.js')).terminateInstances,
  ],
  [
    ['ec2-create-tags', 'ec2addtag', 'ec2tag', 'ec2ctag'],
    async () => (await import('./verbs/create-tags.js')).createTags,
  ],
  [['ec2-describe-tags', 'ec2dtag'], async () => (await import('./verbs/describe-tags.js')).describeTags],
  [['ec2-delete-tags', 'ec2deltag'], async () => (await import('./verbs/delete-tags.js')).deleteTags],
  [
    ['ec2-describe-regions', 'ec2dre'],
    async () => (await import('./verbs/describe-regions.js')).describeRegions,
  ],
  [
    ['ec2-describe-availability-zones', 'ec2daz'],
    async () => (await import('./verbs/describe-availability-zones.js')).describeAvailabilityZones,
  ],
];

/** How to load the verb of that name. */
export const verbNamed = (name: string): (() => Promise<Verb>) | undefined =>
  VERBS.find(([names]) => names.includes(name))?.[1];

/** All names; there is an executable for each. */
export const VERB_NAMES: readonly (readonly string[])[] = VERBS.map(([names]) => names);
