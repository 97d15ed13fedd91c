/** The other end said no (4xx) or broke (5xx), in the classic tools' words: `Client.InvalidGroup.NotFound: …`. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  /** It broke: asking again may help. */
  readonly isFault: boolean;

  constructor(status: number, code: string, message: string) {
    super(`${status >= 500 ? 'Server' : 'Client'}.${code}: ${message}`);
    this.isFault = status >= 500;
  }
}

/** There was no answer, or none that Rampart gives. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}
