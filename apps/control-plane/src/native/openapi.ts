import { z } from 'zod';
import { ROUTES, type Route } from './routes.js';
import { problem, SHAPES } from './shapes.js';

const COMPONENTS = '#/components/schemas/';
/** What any signed request may meet. */
const REFUSALS = {
  400: 'Something asked is not understood',
  401: 'No such key',
  403: 'Not signed, or not permitted',
};

/** The table of routes and their shapes, as OpenAPI 3.1 has it. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) (paths[route.path] ??= {})[route.method] = operationOf(route);
  const { schemas } = z.toJSONSchema(SHAPES, { uri: (id) => COMPONENTS + id, io: 'input', override: plain });
  return {
    openapi: '3.1.1',
    info: { title: 'Rampart', version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    paths,
    components: { schemas, securitySchemes: { signature: SIGNATURE } },
  };
}

const SIGNATURE = {
  type: 'apiKey',
  in: 'header',
  name: 'Authorization',
  description: 'AWS Signature Version 4, for the service `rampart`',
};

function operationOf(route: Route): object {
  const { method, path, summary, body, answer, isStream, by, refusals } = route;
  const refused = Object.entries(by === 'anyone' ? {} : { ...REFUSALS, ...refusals });
  const type = isStream ? 'text/event-stream' : 'application/json';
  return {
    operationId: [method, ...path.split(/\W+/).slice(2)].filter(Boolean).join('_'),
    summary: by === 'operator' ? `${summary}. Only for operators` : summary,
    security: by === 'anyone' ? [] : [{ signature: [] }],
    parameters: [
      ...parametersOf('path', route.within),
      ...parametersOf('query', route.query),
      ...parametersOf('header', route.headers),
    ],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: refTo(body) } } },
    }),
    responses: {
      200: {
        description: summary,
        content: { [type]: { schema: answer ? refTo(answer) : { type: 'object' } } },
      },
      ...Object.fromEntries(refused.map(([status, description]) => [status, refusal(description)])),
    },
  };
}

const refusal = (description: string): object => ({
  description,
  content: { 'application/problem+json': { schema: refTo(problem) } },
});

function refTo(shape: z.ZodType): object {
  const { id } = SHAPES.get(shape) ?? {};
  if (id === undefined) throw new TypeError('an answer has no name: make it with named()');
  return { $ref: COMPONENTS + id };
}

const parametersOf = (place: 'path' | 'query' | 'header', shape?: z.ZodObject): readonly object[] =>
  Object.entries((shape?.shape ?? {}) as Readonly<Record<string, z.ZodType>>).map(([name, value]) => {
    const { description, ...schema } = z.toJSONSchema(value, { unrepresentable: 'any', override: plain });
    const required = !value.safeParse(undefined).success;
    return { name, in: place, required, ...(description && { description }), schema };
  });

/** Without what OpenAPI says elsewhere, or means otherwise; what is made of text is text when it is sent. */
const plain = ({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}): void => {
  for (const name of ['readOnly', '$schema', '$id']) delete jsonSchema[name];
  if (zodSchema._zod.def.type === 'transform') jsonSchema.type = 'string';
};
