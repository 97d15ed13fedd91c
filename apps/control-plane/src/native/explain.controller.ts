import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import type { InstanceId, IpAddress } from '#libs/domain';
import { explain, packetBetween, type Directory, type Explanation, type FlowEnd } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { explanationAnswer, positionsIn } from './explain-answer.js';
import { explainQuery, flowFrom, type explanation } from './explain-shapes.js';
import { Moments } from './moments.js';
import { askedFor, callerOf, Problem } from './problem.js';
import { sees, viewerFor, type Viewer } from './rule-answers.js';

/** Why a packet gets there or doesn't, now or then. */
@Controller('v1/explain')
export class ExplainController {
  readonly #moments: Moments;
  readonly #keys: AccessKeys;

  constructor(@Inject(Moments) moments: Moments, @Inject(AccessKeys) keys: AccessKeys) {
    this.#moments = moments;
    this.#keys = keys;
  }

  @Get()
  async explain(@Req() request: HttpRequest, @Query() query: unknown): Promise<z.output<typeof explanation>> {
    const caller = callerOf(request, this.#keys);
    const asked = askedFor(explainQuery, query);
    const viewer = viewerFor(caller, asked.account);
    const moment = await this.#moments.ofEnds(asked.at, [asked.from, asked.to].map(nameOf));
    const explained = (): Explanation => explanationFor(moment.directory, asked, viewer);
    const events = await this.#moments.eventsAt(positionsIn(explained()));
    return explanationAnswer(explained(), { ...moment, viewer, events }); // again: the present may have gone on
  }
}

const nameOf = (end: FlowEnd): InstanceId | IpAddress =>
  end.kind === 'address' ? end.address : end.instanceId;

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
  if (!isOwn) throw new Problem(404, 'InstanceUnknown', neitherText(asked, viewer));
  return explained;
}

/** Rules are judged at instances only: of any other packet, nobody here knows whether it gets there. */
function neitherText({ from, to }: z.output<typeof explainQuery>, viewer: Viewer): string {
  const ends = `neither from '${nameOf(from)}' nor to '${nameOf(to)}' is an instance`;
  return viewer === 'everyone'
    ? `${ends} at that moment, so no rule judges such a packet: name one, by its id or address`
    : `${ends} of account ${viewer}`;
}
