import { HttpException } from '@nestjs/common';
import type { z } from 'zod';
import { AccessKeys, type AccountKey } from '../accounts/access-keys.js';
import { authenticate } from '../accounts/authentication.js';
import { signableFrom, type HttpRequest } from '../accounts/signed-request.js';
import { checked } from '../commands/checked.js';

/** A refusal as RFC 9457 has it; `code` is for programs. */
export class Problem extends HttpException {
  constructor(status: number, code: string, detail: string, more: object = {}) {
    super({ type: 'about:blank', title: code, status, detail, code, message: detail, ...more }, status);
  }
}

/** Whoever signed; throws a problem when nobody did who may. */
export function callerOf(request: HttpRequest, keys: AccessKeys): AccountKey {
  const who = authenticate(signableFrom(request), keys);
  if (!who.authenticated) throw new Problem(who.status, who.code, who.message);
  return who.key;
}

/** The same, of a key that its entry calls an operator's. */
export function operatorOf(request: HttpRequest, keys: AccessKeys): AccountKey {
  const key = callerOf(request, keys);
  if (key.operator !== true)
    throw new Problem(403, 'UnauthorizedOperation', `the key ${key.accessKeyId} is not an operator's`);
  return key;
}

/** What was asked, as its shape has it; a problem that names each field, its value and the fix, where it does not. */
export function askedFor<Shape extends z.ZodType>(shape: Shape, asked: unknown): z.output<Shape> {
  const { value, complaint } = checked(shape, asked, { whole: 'the request' });
  if (complaint !== undefined) throw new Problem(400, 'InvalidParameter', complaint);
  return value;
}
