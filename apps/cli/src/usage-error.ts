/** What was typed can't be meant. The message names the flag, its value and the fix. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
