/** What the agent says while it runs. */
export interface Log {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

const say = (level: string, message: string): void =>
  console.log(`${new Date().toISOString()} ${level} [host-agent] ${message}`);

/** A line each on the standard output, in one order, for terminals, files and journals alike. */
export const log: Log = {
  info: (message) => say('INFO', message),
  warn: (message) => say('WARN', message),
};
