/** For what the log introduced before it spoke of it; missing means that the log is damaged. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the log speaks of something that it never introduced');
  return value;
}
