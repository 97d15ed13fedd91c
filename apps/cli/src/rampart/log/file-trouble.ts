import { UsageError } from '../../usage-error.js';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'it, or the folder that it would be in, is not there: check the path',
  ENOTDIR: 'its path goes through something that is no folder: check the path',
  EISDIR: 'it is a folder: name a file',
  EACCES: 'you may not: ask its owner, or be root',
  EPERM: 'you may not: ask its owner, or be root',
  EROFS: 'its file system is read-only: name a file on another',
  EEXIST: 'it is there already: name a new file',
  ENOSPC: 'its file system is full: make room, or name a file on another',
};

/** What is wrong with a file, on one line with the fix; what is no trouble with a file stays what it is. */
export function fileTrouble(error: unknown, file: string, what: 'read' | 'written'): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : WORDS[code];
  return words === undefined ? error : new UsageError(`${file} can't be ${what}: ${words}`, { cause: error });
}
