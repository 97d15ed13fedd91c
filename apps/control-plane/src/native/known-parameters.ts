import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { unknownFields } from '../commands/checked.js';
import { Problem } from './problem.js';
import { ROUTES } from './routes.js';

interface Routed {
  readonly method: string;
  readonly query: object;
  readonly routeOptions: { readonly url?: string };
}

/** Of each route, as `routeOf` names it. */
const PARAMETERS = new Map(
  ROUTES.map(({ method, path, query }) => [`${method} ${path}`, Object.keys(query?.shape ?? {})]),
);

/** Refuses what a request of the native API asks and no route understands: a slip would else ask for something wider. */
export class KnownParameters implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<Routed>();
    const known = PARAMETERS.get(routeOf(request));
    const unknown = Object.keys(request.query).filter(
      (name) => !known?.includes(name) && !isOfSignature(name),
    );
    if (known && unknown.length > 0)
      throw new Problem(400, 'InvalidParameter', unknownFields(unknown, known));
    return true;
  }
}

/** `get /v1/hosts/{host}` */
const routeOf = ({ method, routeOptions: { url = '' } }: Routed): string =>
  `${method === 'HEAD' ? 'get' : method.toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`;

/** A presigned link has its signature among its parameters. */
const isOfSignature = (name: string): boolean => name.toLowerCase().startsWith('x-amz-');
