import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import { parseInstanceId } from '#libs/domain';
import { effectiveRules, type Directory, type EffectiveRule } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { Moments } from './moments.js';
import { askedFor, callerOf, Problem } from './problem.js';
import { groupsWorn, nameOf, ruleAnswer, sees, viewerFor, type Viewer } from './rule-answers.js';
import { instanceRulesPath, type instanceRules } from './rule-shapes.js';
import { momentQuery } from './shapes.js';

/** Of what a group or a prefix list stands for. */
const MOST_SHOWN = 20;

type Answer = z.output<typeof instanceRules>;

/** All rules that hold for an instance, now or then. */
@Controller('v1/instances/:instanceId/rules')
export class InstanceRulesController {
  readonly #moments: Moments;
  readonly #keys: AccessKeys;

  constructor(@Inject(Moments) moments: Moments, @Inject(AccessKeys) keys: AccessKeys) {
    this.#moments = moments;
    this.#keys = keys;
  }

  @Get()
  async list(@Req() request: HttpRequest, @Param() path: unknown, @Query() query: unknown): Promise<Answer> {
    const viewer = viewerFor(callerOf(request, this.#keys), undefined);
    const { instanceId: text } = askedFor(instanceRulesPath, path);
    const { at } = askedFor(momentQuery, query);
    const instanceId = parseInstanceId(text);
    const { directory, position } = await this.#moments.ofEnds(at, instanceId ? [instanceId] : []);
    const view = instanceId && directory.instances.get(instanceId);
    if (!view || view.terminatedAt !== undefined || !sees(viewer, view))
      throw new Problem(404, 'InstanceUnknown', `there is no instance '${text}'`);
    return {
      position,
      instanceId: view.instance.instanceId,
      name: nameOf(view),
      addresses: view.instance.addresses,
      groups: groupsWorn(view),
      rules: effectiveRules(directory, view, MOST_SHOWN).map((rule) => resolved(rule, directory, viewer)),
    };
  }
}

function resolved(
  { view, group, peer }: EffectiveRule,
  directory: Directory,
  viewer: Viewer,
): Answer['rules'][number] {
  const rule = ruleAnswer(view, group, directory, viewer, new Map());
  switch (peer.kind) {
    case 'cidr':
      return rule;
    case 'group':
      return { ...rule, peer: { ...rule.peer, instances: peer.instances, addresses: peer.addresses } };
    case 'prefix-list':
      return { ...rule, peer: { ...rule.peer, blocks: peer.blocks, cidrs: peer.cidrs } };
  }
}
