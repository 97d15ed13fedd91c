import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Ec2Error } from '#libs/protocol';
import type { AccessKeys } from '../accounts/access-keys.js';
import { addressOf, askerOf } from '../accounts/actor.js';
import { authenticate } from '../accounts/authentication.js';
import { signableFrom, type HttpRequest } from '../accounts/signed-request.js';
import { LogUnavailableError } from '../log/log-unavailable-error.js';
import { asksDryRun } from '../native/applied.js';
import { Problem } from '../native/problem.js';
import type { RefusalLog } from '../refusals/refusal-log.js';
import { EC2 } from './dialects.js';
import type { Reply } from './ec2.controller.js';

/** What the HTTP server turns away before an action sees it: told in EC2's words on EC2's path, as JSON elsewhere. */
@Catch(HttpException, LogUnavailableError)
export class Ec2ExceptionFilter implements ExceptionFilter<HttpException | LogUnavailableError> {
  readonly #longestBody: number;
  readonly #keys: AccessKeys;
  readonly #refusals: RefusalLog;

  constructor(longestBody: number, keys: AccessKeys, refusals: RefusalLog) {
    this.#longestBody = longestBody;
    this.#keys = keys;
    this.#refusals = refusals;
  }

  catch(caught: HttpException | LogUnavailableError, host: ArgumentsHost): void {
    const exception =
      caught instanceof LogUnavailableError ? new Problem(503, 'Unavailable', caught.message) : caught;
    const http = host.switchToHttp();
    const [request, reply] = [http.getRequest<HttpRequest>(), http.getResponse<Reply>()];
    const status = exception.getStatus();
    if (pathOf(request) !== '/') {
      reply.status(status).headers({ 'content-type': 'application/problem+json' });
      const problem = problemFrom(exception).getResponse() as ProblemBody;
      this.#noteRefusal(request, problem);
      reply.send(JSON.stringify(problem));
      return;
    }
    const error =
      status === 413
        ? new Ec2Error(
            'RequestEntityTooLarge',
            `The request is longer than ${this.#longestBody} bytes: ask for less at a time`,
            status,
          )
        : new Ec2Error('InvalidRequest', exception.message, status);
    reply.status(status).headers({ 'content-type': 'text/xml;charset=UTF-8' });
    reply.send(EC2.refusal(error, randomUUID()));
  }

  /** Of commands only, and not of what broke or of what was only previewed. */
  #noteRefusal(request: HttpRequest, { status, code, detail: message }: ProblemBody): void {
    if (request.method === 'GET' || request.method === 'HEAD' || status >= 500) return;
    if (request.method === 'POST' && asksDryRun(request)) return;
    const asker = askerOf(authenticate(signableFrom(request), this.#keys), addressOf(request));
    const action = `${request.method} ${pathOf(request)}`;
    this.#refusals.note({ edge: 'native', action, ...asker, requestId: randomUUID(), code, message });
  }
}

interface ProblemBody {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const pathOf = ({ url }: HttpRequest): string => url.split('?', 1)[0] ?? '';

/** What Nest and Fastify refuse by themselves, such as a path that leads nowhere, gets its status as its code. */
function problemFrom(exception: HttpException): Problem {
  if (exception instanceof Problem) return exception;
  const status = exception.getStatus();
  const code = STATUS_CODES[status]?.replaceAll(/[^A-Za-z]/g, '') ?? 'Refused';
  return new Problem(status, code, exception.message);
}
