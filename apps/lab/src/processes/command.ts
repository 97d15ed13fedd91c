/** A process of the lab's, described. */
export interface Command {
  /** As in the names of logs, and in `rampart lab kill NAME`. */
  readonly name: string;
  readonly argv: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** A listening socket to hand over as descriptor 3. */
  readonly socket?: number;
}
