import { readdir } from 'node:fs/promises';
import type { Report } from './report.js';

/** What a file in `suites/` exports; the file's name is the suite's. */
export interface Suite {
  /** One line: what is measured, and on what. */
  readonly about: string;
  /** `options` is what followed the names on the command line. */
  readonly run: (report: Report, options: readonly string[]) => Promise<void>;
}

const folder = new URL('suites/', import.meta.url);

/** The names of all suites, in order. */
export async function suiteNames(): Promise<readonly string[]> {
  const files = await readdir(folder);
  return files.flatMap((file) => /^([a-z-]+)\.[jt]s$/.exec(file)?.[1] ?? []).sort();
}

export const loadSuite = async (name: string): Promise<Suite> =>
  (await import(new URL(`${name}.js`, folder).href)) as Suite;
