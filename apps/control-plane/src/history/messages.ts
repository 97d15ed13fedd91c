import type { HistoryIndex } from './history-index.js';

/** What is asked of the index on its thread: one of its methods; answered in order, each with the same `id`. */
export interface Question {
  readonly id: number;
  readonly method: Method;
  readonly given: readonly unknown[];
}

export type Answer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

export type Method = {
  [Key in keyof HistoryIndex]: HistoryIndex[Key] extends (...given: never[]) => unknown ? Key : never;
}[keyof HistoryIndex];
