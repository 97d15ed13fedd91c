import { setTimeout as sleep } from 'node:timers/promises';
import { EC2ServiceException } from '@aws-sdk/client-ec2';

const isOneOf = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof EC2ServiceException && codes.includes(error.name);

/** What a client of EC2 does where it doesn't care whether there was something to do. */
export async function tolerating(codes: readonly string[], call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isOneOf(error, codes)) throw error;
  }
}

/** And where it expects that a refusal will pass: it asks again. */
export async function retrying(codes: readonly string[], call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      if (!isOneOf(error, codes)) throw error;
      await sleep(50);
    }
  }
}
