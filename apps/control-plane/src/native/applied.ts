import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { ec2ErrorFrom } from '#libs/protocol';
import type { HttpRequest } from '../accounts/signed-request.js';
import type { CommandHandler, Request } from '../commands/command-handler.js';
import { answerTo, type ServiceRefusal } from '../commands/service-answer.js';
import type { ServiceCommand } from '../commands/service-command.js';
import type { Receipts } from '../receipts/receipts.js';
import type { appliedChangeSet } from './change-set-shapes.js';
import { Problem } from './problem.js';

/** What a change set leads to, done or only looked at; a refusal is thrown as a problem. */
export async function applied(
  wish: Extract<ServiceCommand, { understood: true }>,
  asked: Required<Omit<Request, 'requestId'>>,
  commands: CommandHandler,
  receipts: Receipts,
): Promise<z.output<typeof appliedChangeSet>> {
  const answer = await answerTo(wish, { ...asked, requestId: randomUUID() }, commands, receipts);
  if (!answer.accepted) throw problemFrom(answer);
  return { ...answer, events: answer.events.map((event) => ({ ...event })) };
}

/** Whether a request only wants to know what would become of it. */
export function asksDryRun({ body }: HttpRequest): boolean {
  try {
    const { dryRun } = Object(JSON.parse(String(body ?? ''))) as { readonly dryRun?: unknown };
    return dryRun === true;
  } catch {
    return false; // what can't be read asks for nothing
  }
}

/** The JSON object that a request carries; a problem with an example when it carries something else. */
export function jsonOf({ body }: HttpRequest, example: string): object {
  const hint = `send a JSON object such as ${example}`;
  let json: unknown;
  try {
    json = JSON.parse(String(body ?? ''));
  } catch (error) {
    throw new Problem(400, 'BodyMalformed', `the body is no JSON: ${(error as Error).message}; ${hint}`);
  }
  if (json instanceof Object && !Array.isArray(json)) return json;
  throw new Problem(400, 'BodyMalformed', `the body is no JSON object: ${hint}`);
}

function problemFrom(refusal: ServiceRefusal): Problem {
  if (refusal.code === 'Unavailable') return new Problem(503, refusal.code, `${refusal.message}; try again`);
  const where = refusal.index === undefined ? '' : `changes.${refusal.index}: `;
  return new Problem(409, refusal.code, where + ec2ErrorFrom(refusal).message, refusal);
}
