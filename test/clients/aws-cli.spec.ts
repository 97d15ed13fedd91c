import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.js';
import { shell } from '../support/shell.js';
import { AWS, environmentOf, noAws, openEc2 } from './support/clients.js';
import { Profile, snippet } from './support/snippets.js';

/** Each `ec2` is a Python that takes half a second to start, so a test does no more than it must. */
const EC2 = `ec2() { ${AWS} --endpoint-url "$AWS_ENDPOINT_URL_EC2" --output text ec2 "$@"; }`;

describe.skipIf(noAws)(`the AWS CLI${noAws ? ` (${noAws})` : ''}`, () => {
  let installation: Installation;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    installation = await Installation.start(2);
    environment = environmentOf(installation);
  });
  afterAll(async () => installation[Symbol.asyncDispose]());

  /** What a script prints, line by line; all of it must succeed. */
  async function lines(...script: readonly string[]): Promise<readonly string[]> {
    const outcome = await shell(['set -e', EC2, ...script].join('\n'), environment);
    expect({ script, ...outcome }).toMatchObject({ status: 0, err: '' });
    return outcome.out.trimEnd().split('\n');
  }

  it('does what docs/clients.md says', async () => {
    const outcome = await shell(`set -e\n${snippet('AWS CLI', 'sh', environment)}`, environment);
    expect(outcome).toMatchObject({ status: 0, err: '' });
    const ec2 = openEc2(installation);
    const { SecurityGroups } = await ec2.describeSecurityGroups({
      Filters: [{ Name: 'tag:team', Values: ['shop'] }],
    });
    expect(SecurityGroups).toMatchObject([
      { GroupName: 'Web', IpPermissions: [{ FromPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
    ]);
    const { Reservations } = await ec2.describeInstances();
    expect(Reservations?.[0]?.Instances).toHaveLength(2);
  });

  it('takes key and region from a profile', async () => {
    using profile = new Profile(environment);
    const line = `${EC2}; ec2 describe-security-groups --query 'SecurityGroups[].GroupName'`;
    const AWS_ENDPOINT_URL_EC2 = environment['AWS_ENDPOINT_URL_EC2'] ?? ''; // Debian's is too old for that of the profile
    const { out } = await shell(line, { ...profile.environment, AWS_ENDPOINT_URL_EC2 });
    expect(out).toBe('default\tWeb\n');
  });

  it('cuts lists by itself', async () => {
    const query = `--query '[length(SecurityGroups), type(NextToken)]'`;
    const [cut] = await lines(
      `ec2 describe-security-groups --max-items 1 --output json ${query} | tr -d '\\n '`,
    );
    expect(cut).toBe('[1,"string"]');
  });

  it.concurrent('lives the life of a group and its rules', async () => {
    const printed = await lines(
      `id=$(ec2 create-security-group --group-name db --description keeps --query GroupId)`,
      `ec2 wait security-group-exists --group-ids $id`,
      `ec2 create-tags --resources $id --tags Key=tier,Value=data`,
      `ec2 authorize-security-group-ingress --group-id $id --protocol tcp --port 5432 --source-group default \
        --query 'SecurityGroupRules[].[IpProtocol, FromPort, ToPort]'`,
      `rule=$(ec2 authorize-security-group-egress --group-id $id --tag-specifications \
        'ResourceType=security-group-rule,Tags=[{Key=why,Value=dns}]' \
        --ip-permissions 'IpProtocol=udp,FromPort=53,ToPort=53,IpRanges=[{CidrIp=192.0.2.53/32,Description=dns}]' \
        --query 'SecurityGroupRules[].SecurityGroupRuleId')`,
      `ec2 modify-security-group-rules --group-id $id --query Return --security-group-rules \
        "SecurityGroupRuleId=$rule,SecurityGroupRule={IpProtocol=udp,FromPort=53,ToPort=54,CidrIpv4=192.0.2.0/24}"`,
      `ec2 describe-security-group-rules --filters Name=tag:why,Values=d?s \
        --query 'SecurityGroupRules[].[ToPort, CidrIpv4]'`,
      `ec2 revoke-security-group-egress --group-id $id --security-group-rule-ids $rule --query Return`,
      `ec2 describe-security-groups --page-size 5 --filters Name=tag:tier,Values=data \
        --query 'SecurityGroups[].IpPermissionsEgress[].IpProtocol'`,
      `ec2 delete-security-group --group-name db`,
    );
    expect(printed).toEqual(['tcp\t5432\t5432', 'True', '54\t192.0.2.0/24', 'True', '-1']);
  });

  it.concurrent('lives the life of instances', async () => {
    const printed = await lines(
      `ids=$(ec2 describe-instances --filters Name=instance.group-name,Values=Web \
        --query 'Reservations[].Instances[].InstanceId')`,
      `ec2 wait instance-running --instance-ids $ids`,
      `ec2 terminate-instances --instance-ids $ids --query 'TerminatingInstances[].[PreviousState.Name]'`,
      `ec2 wait instance-terminated --instance-ids $ids`,
      `ec2 delete-security-group --group-name Web`,
    );
    expect(printed).toEqual(['running', 'running']);
  });

  it.each([
    ['describe-security-groups --group-names nobody', 'InvalidGroup.NotFound', 'DescribeSecurityGroups'],
    [
      'create-security-group --group-name x --description x --dry-run',
      'DryRunOperation',
      'CreateSecurityGroup',
    ],
  ])('%s: %s', async (line, code, operation) => {
    const { status, err } = await shell(`${EC2}\nec2 ${line}`, environment);
    expect(status).toBe(254);
    expect(err).toContain(`An error occurred (${code}) when calling the ${operation} operation: `);
  });
});
