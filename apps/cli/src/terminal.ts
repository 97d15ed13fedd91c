/** All that a command sees of the process it runs in. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input, once it ends. */
  readonly read: () => Promise<string>;
}

/** Scripts only ask "did it work": usage errors, refusals and lagging hosts all end with 1, as in the classic tools. */
export type ExitStatus = 0 | 1;
