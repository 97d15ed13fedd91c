import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { familyOf, type HostId } from '#libs/domain';
import { evaluateSubject, type EvaluateReply, type EvaluateRequest } from '#libs/protocol';
import { LabError } from '../errors.js';
import type { AnyMachine } from '../machines.js';
import { inNamespace } from '../kernel/namespace.js';
import { answerIn } from './answerer.js';
import { flowOf, textOfTrial, type Trial } from './traffic.js';

/** Long enough for a busy machine, short enough to wait for when nothing will come. */
const PATIENCE_MS = 1_000;

export interface Journey {
  readonly from: AnyMachine;
  readonly to: AnyMachine;
  readonly trial: Trial;
  readonly family: 4 | 6;
}

/** Whether it gets there: by sending packets, or by asking the agents of a lab that has none. */
export function reaches(journey: Journey, natsUrl: string, patienceMs = PATIENCE_MS): Promise<boolean> {
  return journey.to.namespace === null ? wouldReach(journey, natsUrl) : doesReach(journey, patienceMs);
}

async function doesReach({ from, to, trial, family }: Journey, patienceMs: number): Promise<boolean> {
  if (from.namespace === null || to.namespace === null)
    throw new TypeError('a lab has namespaces or has none');
  using _answering = answerIn(to.namespace, trial);
  const probe = join(import.meta.dirname, 'probe.js');
  const args = [addressOf(to, family), textOfTrial(trial), String(patienceMs)];
  const child = inNamespace(from.namespace, () =>
    spawn(process.execPath, [probe, ...args], { stdio: ['ignore', 'ignore', 'inherit'], detached: true }),
  );
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status === 0 || status === 1) return status === 0;
  throw new LabError(`the probe in ${from.namespace} failed with status ${status}`);
}

/** Both ends must agree: the sender's host lets it out, the receiver's lets it in. */
async function wouldReach({ from, to, trial, family }: Journey, natsUrl: string): Promise<boolean> {
  const source = addressOf(from, family);
  const destination = addressOf(to, family);
  const request: EvaluateRequest = { source, destination, flow: flowOf(trial, family) };
  const hosts = new Set([from, to].flatMap((end) => (end.kind === 'instance' ? [end.host] : [])));
  const nats = await connect({ servers: natsUrl, name: 'rampart-lab-try' });
  try {
    const ask = async (host: HostId): Promise<boolean> => {
      const answer = await nats.request(evaluateSubject(host), JSON.stringify(request), { timeout: 2_000 });
      return answer.json<EvaluateReply>().verdict === 'accept';
    };
    return (await Promise.all([...hosts].map(ask))).every(Boolean);
  } catch (error) {
    throw new LabError(`the agents do not answer: ${(error as Error).message}`);
  } finally {
    await nats.close();
  }
}

function addressOf(machine: AnyMachine, family: 4 | 6): AnyMachine['address'] {
  const address = machine.addresses.find((one) => familyOf(one) === family);
  if (!address) throw new LabError(`${machine.name} has no IPv${family} address`);
  return address;
}
