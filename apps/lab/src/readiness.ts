import type { HostMachine } from './machines.js';
import type { Ec2Client } from './story/ec2-client.js';

/** Whether the control plane takes commands. */
export const isHealthy = async (endpoint: string): Promise<boolean> =>
  (await fetch(`${endpoint}/v1/health`, { signal: AbortSignal.timeout(2_000) })).ok;

/** Whether every host's agent has made itself known. */
export async function areEnrolled(hosts: readonly HostMachine[], ec2: Ec2Client): Promise<boolean> {
  const answer = JSON.stringify(await ec2.get('/v1/hosts'));
  return hosts.every(({ id }) => answer.includes(`"${id}"`));
}
