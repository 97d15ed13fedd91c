import { randomBytes } from 'node:crypto';
import type { Brand } from '#libs/domain';

/** An id as EC2 makes them: the prefix and 17 hex digits. */
export const newId = <Name extends string>(
  prefix: 'sg' | 'sgr' | 'i' | 'r' | 'pl' | 'vpc',
): Brand<string, Name> => `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}` as Brand<string, Name>;
