import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The repository's own; the same file from the sources and from dist. */
export function version(): string {
  const file = findPackageJSON('..', import.meta.url) ?? '';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
