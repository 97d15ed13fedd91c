import type {
  Actor,
  Command,
  Decision,
  Effect,
  Event,
  LogPosition,
  RecordedEvent,
  Refused,
} from '#libs/domain';

/** What became of a command: durably in the log, or refused and nothing changed. */
export type Outcome =
  | {
      readonly accepted: true;
      /** Empty when what was asked is so already. */
      readonly events: readonly RecordedEvent[];
      /** The newest event that the outcome takes account of. */
      readonly position: LogPosition;
    }
  | Refused;

export interface Request {
  readonly actor: Actor;
  readonly requestId: string;
  /** When it came in, by the clock of `performance.now()`; when it is handled, unless said. */
  readonly arrived?: number;
}

/** The one way to change anything, whichever edge the wish came in by. */
export abstract class CommandHandler {
  /** Resolves once the outcome is durable and the directory shows it. Throws when the log can't be written. */
  abstract handle(command: Command, request: Request): Promise<Outcome>;

  /** Resolves once the state and all views show what anybody had durably changed when this was called. */
  abstract catchUp(): Promise<void>;

  /** What the command would lead to just now; nothing happens. */
  abstract preview(command: Command): Decision;

  /** What the events of a preview would change for what runs, where that can be told. */
  abstract effectOf(events: readonly Event[]): Effect | undefined;
}
