import type { LogPosition } from '#libs/domain';
import type { AppendOutcome } from '../event-store.js';

/** What the store asks of its worker thread; answered with the same `id`, in order except for watches. */
export type WorkerRequest = { readonly id: number } & (
  | { readonly ask: 'append'; readonly expected: LogPosition; readonly records: readonly string[] }
  | { readonly ask: 'page'; readonly after: LogPosition; readonly upTo: LogPosition; readonly limit: number }
  /** Answered with the log's end as soon as others have appended after the position, or at the next `wake`. */
  | { readonly ask: 'watch'; readonly after: LogPosition }
  | { readonly ask: 'wake' }
  | { readonly ask: 'close' }
);

export type WorkerAnswer =
  | { readonly id: number; readonly value: AppendOutcome | readonly string[] | LogPosition }
  | { readonly id: number; readonly error: string };

export interface WorkerSettings {
  readonly file: string;
}
