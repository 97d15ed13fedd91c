import type { Packet } from '#libs/domain';
import { diff, explain, type Directory } from '#libs/projections';
import { accountId } from '../../support/cell.js';
import type { Report } from '../report.js';

const QUESTIONS = 5000;
/** Far apart in the list of instances, so that questions are about different groups. */
const STRIDE = 7919;

/** Questions about packets between the instances of an account, half of them about a port that its groups open. */
export function measureExplain(report: Report, name: string, directory: Directory): void {
  const addresses = [...directory.instances.of(accountId)].flatMap(
    ({ instance }) => instance.addresses[0] ?? [],
  );
  const questions = Array.from({ length: QUESTIONS }, (_, n): Packet => {
    const [source, destination] = [
      addresses[(n * STRIDE) % addresses.length],
      addresses[n % addresses.length],
    ];
    if (!source || !destination) throw new Error('explain is measured on instances, and there are none');
    return { source, destination, flow: { protocol: 6, port: n % 2 === 0 ? 1 : 40_000 } };
  });
  const [first] = questions;
  if (first)
    report.add(`${name}: the first explain, which indexes addresses`, 'ms', [
      millisecondsOf(() => explain(directory, first)),
    ]);
  const samples = questions.map((packet) => millisecondsOf(() => explain(directory, packet)));
  report.add(`${name}: explain at present`, 'ms', samples);
  report.add(`${name}: diff of an account with itself`, 'ms', [
    millisecondsOf(() => diff(directory, directory, { accountId })),
  ]);
}

function millisecondsOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
