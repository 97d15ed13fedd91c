import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Reply } from '../ec2/ec2.controller.js';
import { HistoryUnavailableError, NoSuchMomentError } from '../history/history.js';
import { Problem } from './problem.js';

/** What the past can't answer, as a problem. */
@Catch(NoSuchMomentError, HistoryUnavailableError)
export class PastExceptionFilter implements ExceptionFilter<Error> {
  catch(error: Error, host: ArgumentsHost): void {
    const problem =
      error instanceof NoSuchMomentError
        ? new Problem(400, 'InvalidParameter', error.message)
        : new Problem(503, 'HistoryUnavailable', `${error.message}; try again`);
    const reply = host.switchToHttp().getResponse<Reply>();
    reply.status(problem.getStatus()).headers({ 'content-type': 'application/problem+json' });
    reply.send(JSON.stringify(problem.getResponse()));
  }
}
