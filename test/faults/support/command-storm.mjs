// Sends commands without a pause, many at a time, and prints each group whose creation was acknowledged.
// Runs until it is killed. Arguments: the log's file, and the number of the run.
import { openSqliteEventStore } from '#libs/event-store';
import { CommandLog } from '../../../dist/apps/control-plane/src/log/command-log.js';

const [file, run] = process.argv.slice(2);
const log = await CommandLog.open(await openSqliteEventStore(file), [], {
  limits: { groupsPerAccount: 1e9, rulesPerGroup: 1e9, groupsPerInstance: 5 },
});
const hex = (n) => n.toString(16).padStart(8, '0');
const request = { actor: { kind: 'system' }, requestId: `run ${run}` };
const accountId = '111122223333';
let next = Number(run) * 1_000_000;

await log.handle(
  {
    type: 'OpenAccount',
    accountId,
    vpcId: 'vpc-00000001',
    defaultGroupId: 'sg-ffffffff',
    ruleIds: ['a', 'b', 'c'].map((x) => `sgr-fffffff${x}`),
  },
  request,
);

async function client() {
  for (;;) {
    const n = next++;
    const command = {
      type: 'CreateGroup',
      accountId,
      groupId: `sg-${hex(n)}`,
      name: `group ${n}`,
      description: 'storm',
      ruleIds: [`sgr-${hex(2 * n)}`, `sgr-${hex(2 * n + 1)}`],
    };
    const outcome = await log.handle(command, request);
    if (!outcome.accepted) throw new Error(JSON.stringify(outcome.refusal));
    process.stdout.write(`${n} ${outcome.position}\n`);
  }
}

await Promise.all(Array.from({ length: 64 }, client));
