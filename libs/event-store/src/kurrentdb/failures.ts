import {
  AccessDeniedError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
} from '@kurrent/kurrentdb-client';

/** Answers that will be the same however often one asks, and leave nothing in the log. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof AccessDeniedError ||
  error instanceof MaxAppendSizeExceededError ||
  error instanceof StreamDeletedError ||
  error instanceof InvalidArgumentError;

/** What went wrong, and what to do about it. */
export function reasonOf(error: unknown): string {
  if (error instanceof AccessDeniedError)
    return 'KurrentDB denies access: check the user and password in its address, and what that user may do';
  if (error instanceof MaxAppendSizeExceededError)
    return `KurrentDB takes ${error.maxAppendSize} bytes at a time, and this is more: raise its KURRENTDB_MAX_APPEND_SIZE (up to 16777216)`;
  if (error instanceof StreamDeletedError) return 'its stream was deleted: use another one';
  const message = error instanceof Error ? error.message || error.name : String(error);
  return `${message}; see that KurrentDB is up, and can be reached from here by the name it tells of itself`;
}
