import { Ec2Error, type QueryParameters } from '#libs/protocol';

export interface Page<Thing> {
  readonly things: readonly Thing[];
  /** Names the last thing shown, so that pages stay true while others come and go. */
  readonly nextToken?: string;
}

const LEAST = 5;
const MOST = 1000;

/** MaxResults and NextToken on a listing in a fixed order; without MaxResults everything is shown. */
export function pageOf<Thing>(
  things: readonly Thing[],
  idOf: (thing: Thing) => string,
  parameters: QueryParameters,
): Page<Thing> {
  const [maximum, token] = [parameters.text('MaxResults'), parameters.text('NextToken')];
  const ordered =
    token === undefined && maximum === undefined
      ? things
      : things.toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const after = token === undefined ? undefined : idFrom(token);
  const rest = after === undefined ? ordered : ordered.filter((thing) => idOf(thing) > after);
  if (maximum === undefined) return { things: rest };
  const limit = Number(maximum);
  if (!/^\d+$/.test(maximum) || limit < LEAST || limit > MOST)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value ( ${maximum} ) for parameter maxResults is invalid. Expecting a value from ${LEAST} to ${MOST}.`,
    );
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return rest.length > limit && last !== undefined
    ? { things: shown, nextToken: Buffer.from(idOf(last)).toString('base64url') }
    : { things: shown };
}

function idFrom(token: string): string {
  const id = Buffer.from(token, 'base64url').toString();
  if (!/^[a-z]+-[0-9a-f]+$/.test(id))
    throw new Ec2Error('InvalidNextToken', `The token '${token}' is invalid`);
  return id;
}
