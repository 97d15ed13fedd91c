import type { LogPosition } from '#libs/domain';
import { Ec2Error, type QueryParameters } from '#libs/protocol';

export interface Page<Thing> {
  readonly things: readonly Thing[];
  /** Names the last thing shown, so that pages stay true while others come and go. */
  readonly nextToken?: string;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Amazon EC2 API reference: what most Describe actions take for MaxResults. */
const USUAL_BOUNDS: Bounds = { least: 5, most: 1000 };

/** MaxResults and NextToken on a listing in the order of introduction; without MaxResults everything is shown. */
export function pageOf<Thing extends { readonly position: LogPosition }>(
  things: Iterable<Thing>,
  parameters: QueryParameters,
  bounds = USUAL_BOUNDS,
): Page<Thing> {
  const after = positionFrom(parameters);
  const rest = Iterator.from(things).filter(({ position }) => position > after);
  const limit = limitFrom(parameters.text('MaxResults'), bounds);
  if (limit === undefined) return { things: rest.toArray() };
  const shown = rest.take(limit + 1).toArray();
  if (shown.length <= limit) return { things: shown };
  shown.pop();
  return { things: shown, nextToken: tokenOf(shown.at(-1)?.position ?? 0) };
}

function limitFrom(text: string | undefined, { least, most }: Bounds): number | undefined {
  if (text === undefined) return undefined;
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < least || limit > most)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value ( ${text} ) for parameter maxResults is invalid. Expecting a value from ${least} to ${most}.`,
    );
  return limit;
}

const TOKEN = /^after:([0-9]{1,15})$/;

const tokenOf = (position: LogPosition): string => Buffer.from(`after:${position}`).toString('base64url');

/** What the request's NextToken goes on from: everything it asks for was introduced later. */
export function positionFrom(parameters: QueryParameters): LogPosition {
  const token = parameters.text('NextToken');
  if (token === undefined) return 0;
  const digits = TOKEN.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (digits === undefined) throw new Ec2Error('InvalidNextToken', `The token '${token}' is invalid`);
  return Number(digits);
}
