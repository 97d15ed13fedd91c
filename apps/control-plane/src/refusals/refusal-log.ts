import type { Actor, Instant } from '#libs/domain';
import { RefusalFile } from './refusal-file.js';

/** A command that would have changed something, and did not: refused, malformed, throttled, or by nobody who may. */
export interface RefusedCommand {
  readonly time: Instant;
  /** The way it came: EC2's API, Rampart's own, a service or a host over NATS. */
  readonly edge: 'ec2' | 'native' | 'nats';
  /** As that edge calls it: `AuthorizeSecurityGroupIngress`, `POST /v1/change-sets`, `ApplyChangeSet`. */
  readonly action: string;
  /** Whoever signed, or whom NATS let speak; absent when nobody is proved to have asked. */
  readonly actor?: Actor;
  /** The access key that a request names which it is not signed by. */
  readonly claimedKeyId?: string;
  /** The address that it came from, over HTTP. */
  readonly from?: string;
  readonly requestId: string;
  readonly code: string;
  readonly message: string;
}

/** The newest ones can be asked for. */
const REMEMBERED = 1000;
const LONGEST = 1000;

/** What was refused, apart from the log of what happened: one line of JSON each, in memory and in a file if one is set. */
export class RefusalLog implements AsyncDisposable {
  readonly #file: RefusalFile | undefined;
  /** The oldest first. */
  readonly #newest: RefusedCommand[] = [];

  constructor(file: string | undefined, warn: (message: string) => void) {
    this.#file = file === undefined ? undefined : new RefusalFile(file, warn);
    for (const line of this.#file?.text.split('\n').slice(-REMEMBERED - 1) ?? []) {
      const refused = parseLine(line);
      if (refused) this.#newest.push(refused);
    }
  }

  note(refused: Omit<RefusedCommand, 'time'>): void {
    const { action, claimedKeyId, message } = refused;
    const bounded: RefusedCommand = {
      time: new Date().toISOString(),
      ...refused,
      action: action.slice(0, LONGEST),
      ...(claimedKeyId === undefined ? {} : { claimedKeyId: claimedKeyId.slice(0, LONGEST) }),
      message: message.slice(0, LONGEST),
    };
    this.#newest.push(bounded);
    if (this.#newest.length > REMEMBERED) this.#newest.shift();
    this.#file?.append(JSON.stringify(bounded));
  }

  /** The newest first, of those that are wanted. */
  recent(count: number, isWanted: (refused: RefusedCommand) => boolean): readonly RefusedCommand[] {
    return this.#newest.toReversed().filter(isWanted).slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.flush();
  }
}

/** Undefined for a line that was cut off. */
function parseLine(line: string): RefusedCommand | undefined {
  try {
    return JSON.parse(line) as RefusedCommand;
  } catch {
    return undefined;
  }
}
