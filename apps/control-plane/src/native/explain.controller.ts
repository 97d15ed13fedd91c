import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import type { LogPosition } from '#libs/domain';
import { Directory, explain, packetBetween, type Explanation, type FlowEnd } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { History } from '../history/history.js';
import { explanationAnswer, positionsIn } from './explain-answer.js';
import { explainQuery, flowFrom, type explanation } from './explain-shapes.js';
import { eventsAt, ofThePast, viewerFor } from './moments.js';
import { askedFor, callerOf, Problem } from './problem.js';
import { sees, type Viewer } from './rule-answers.js';

/** Why a packet gets there or doesn't, now or then. */
@Controller('v1/explain')
export class ExplainController {
  readonly #directory: Directory;
  readonly #history: History;
  readonly #keys: AccessKeys;

  constructor(
    @Inject(Directory) directory: Directory,
    @Inject(History) history: History,
    @Inject(AccessKeys) keys: AccessKeys,
  ) {
    this.#directory = directory;
    this.#history = history;
    this.#keys = keys;
  }

  @Get()
  async explain(@Req() request: HttpRequest, @Query() query: unknown): Promise<z.output<typeof explanation>> {
    const caller = callerOf(request, this.#keys);
    const asked = askedFor(explainQuery, query);
    const viewer = viewerFor(caller, asked.account);
    const { directory, position } = await this.#at(asked.at, [asked.from, asked.to]);
    const explained = explanationFor(directory, asked, viewer);
    const events = await eventsAt(this.#history, positionsIn(explained));
    return explanationAnswer(explained, { position, directory, viewer, events });
  }

  async #at(
    moment: string | undefined,
    ends: readonly FlowEnd[],
  ): Promise<{ readonly directory: Directory; readonly position: LogPosition }> {
    if (moment === undefined) return { directory: this.#directory, position: this.#directory.position };
    return ofThePast(async () => {
      const position = await this.#history.positionAt(moment);
      const named = ends.map((end) => (end.kind === 'address' ? end.address : end.instanceId));
      return { directory: await this.#history.sliceAt(position, named), position };
    });
  }
}

/** An account may ask what concerns an instance of its own; what else there is, it doesn't learn. */
function explanationFor(
  directory: Directory,
  asked: z.output<typeof explainQuery>,
  viewer: Viewer,
): Explanation {
  const flow = flowFrom(asked);
  if (typeof flow === 'string') throw new Problem(400, 'InvalidParameter', flow);
  for (const end of [asked.from, asked.to]) {
    const view = end.kind === 'instance' ? directory.instances.get(end.instanceId) : undefined;
    if (end.kind === 'instance' && !(view && sees(viewer, view)))
      throw new Problem(404, 'InstanceUnknown', `there is no instance '${end.instanceId}'`);
  }
  const family = asked.family === undefined ? {} : ({ family: asked.family === '4' ? 4 : 6 } as const);
  const packet = packetBetween(directory, { from: asked.from, to: asked.to, flow, ...family });
  if ('code' in packet) {
    if (packet.code === 'InstanceUnknown')
      throw new Problem(404, packet.code, `instance '${packet.instanceId}' is terminated`);
    const families = packet.families.map((one) => `IPv${one}`).join(' or ');
    throw new Problem(400, packet.code, `from and to have no ${families} addresses both: name others`);
  }
  const explained = explain(directory, packet);
  const isOwn = [explained.source, explained.destination].some(
    ({ instance }) => instance && sees(viewer, instance),
  );
  if (viewer !== 'everyone' && !isOwn)
    throw new Problem(404, 'InstanceUnknown', `neither from nor to is an instance of account ${viewer}`);
  return explained;
}
