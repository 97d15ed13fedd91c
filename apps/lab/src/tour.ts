import type { LabKeys } from './keys.js';
import { quoted } from './keys.js';
import type { LabRecord } from './record.js';
import { tableOf } from './table.js';

/** What there is to know of a lab that is up, and six commands to paste. */
export function tourOf(record: LabRecord, { own, other }: LabKeys): string {
  const { endpoint, natsUrl, environment } = record;
  const [internet, mysql] = ['internet', 'mysql-1'].map((name) => addressOf(name, record));
  const explain = `rampart explain --from ${internet} --to ${mysql} --port 3306`;
  return `
  EC2 endpoint   ${endpoint}
  account        ${own.accountId}   access key ${own.accessKeyId}   secret ${own.secretAccessKey}
                 an operator's key: what lists changes and events shows those of all accounts
  another one    ${other.accountId}   access key ${other.accessKeyId}   secret ${other.secretAccessKey}
  NATS           ${natsUrl}

${indented(tableOf(record))}

  A tour, in another shell:

    . ${quoted(environment)}
    rampart lab try internet apache-1 tcp/80          # reached: Apache is open to the world
    rampart lab try internet mysql-1 tcp/3306         # not reached: MySQL is open to Apache only,
    ${explain.padEnd(49)} # …why, and what would change that
    rampart lab try apache-1 mysql-1 tcp/3306         # reached: whatever is in Apache may,
    ec2-run-instances ami-12345678 -g Apache --wait   # …now and later: try from the new i-… too
    ec2-revoke MySQL -P tcp -p 3306 -o Apache --wait  # then try again: a revocation bites at once
`;
}

const indented = (text: string): string => text.replaceAll(/^/gm, '  ');

const addressOf = (name: string, { instances, clients }: LabRecord): string =>
  [...instances, ...clients].find((one) => one.name === name)?.address ?? name;
