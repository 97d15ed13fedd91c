/** The log can't be read or written, or too much waits to be. Unless it says so, nothing of the command happened. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
}
