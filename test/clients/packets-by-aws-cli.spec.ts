import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/support/lab.js';
import { noKernel } from '../lab/support/namespace.js';
import { shell } from '../support/shell.js';
import { AWS, noAws } from './support/clients.js';

const obstacle = noKernel ?? noAws;

/** What is typed is Amazon's own command; what is judged are packets. */
describe.skipIf(obstacle)(`packets, by the AWS CLI${obstacle ? ` (${obstacle})` : ''}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up();
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  async function ec2(line: string): Promise<string> {
    const environment = join(lab.directory, '.rampart', 'lab.env');
    const { status, out, err } = await shell(
      `. ${environment}; ${AWS} --endpoint-url "$AWS_ENDPOINT_URL_EC2" --output text ec2 ${line}`,
      { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    );
    if (status !== 0) throw new Error(`aws ec2 ${line}: ${err}`);
    return out.trim();
  }
  /** Amazon's CLI doesn't wait for the hosts: they may have the change a moment after it has the answer. */
  const expectReach = async (from: string, to: string, what: string, arrives: boolean): Promise<void> => {
    await expect.poll(() => lab.tries(from, to, what), { timeout: 5_000 }).toBe(arrives);
  };

  it('opens and closes a port', async () => {
    expect(await lab.tries('internet', 'apache-1', 'tcp/8080')).toBe(false);
    const permission = '--group-name Apache --protocol tcp --port 8080 --cidr 198.51.100.0/24';
    await ec2(`authorize-security-group-ingress ${permission}`);
    await expectReach('internet', 'apache-1', 'tcp/8080', true);
    await ec2(`revoke-security-group-ingress ${permission}`);
    await expectReach('internet', 'apache-1', 'tcp/8080', false);
  });

  it('modifies a rule of a prefix list, and the list', async () => {
    const list = await ec2(
      `create-managed-prefix-list --prefix-list-name clients --max-entries 3 --address-family IPv4 \
        --entries Cidr=203.0.113.0/24 --query PrefixList.PrefixListId`,
    );
    await ec2(
      `authorize-security-group-ingress --group-name MySQL \
        --ip-permissions 'IpProtocol=tcp,FromPort=3306,ToPort=3306,PrefixListIds=[{PrefixListId=${list}}]'`,
    );
    expect(await lab.tries('internet', 'mysql-1', 'tcp/3306')).toBe(false);
    await ec2(
      `modify-managed-prefix-list --prefix-list-id ${list} --current-version 1 --add-entries Cidr=198.51.100.0/24`,
    );
    await expectReach('internet', 'mysql-1', 'tcp/3306', true);
  });

  it('launches into the reach of its group, and out of it again', async () => {
    const id = await ec2(
      `run-instances --image-id ami-12345678 --security-groups Apache --query 'Instances[].InstanceId'`,
    );
    await ec2(`wait instance-running --instance-ids ${id}`);
    await expectReach(id, 'mysql-1', 'tcp/3306', true);
    await ec2(
      `revoke-security-group-ingress --group-name MySQL --protocol tcp --port 3306 --source-group Apache`,
    );
    await expectReach(id, 'mysql-1', 'tcp/3306', false);
    await ec2(`terminate-instances --instance-ids ${id}`);
    await ec2(`wait instance-terminated --instance-ids ${id}`);
  });
});
