import { describe, expect, it } from 'vitest';
import { linesFor, requestFor } from '../testing/typed.js';
import { UsageError } from '../usage-error.js';
import { authorize } from './authorize.js';
import { revoke } from './revoke.js';

const everywhere = { 'IpPermissions.1.IpRanges.1.CidrIp': '0.0.0.0/0' };
const traffic = (protocol: string, from?: string, to?: string) => ({
  'IpPermissions.1.IpProtocol': protocol,
  ...(from !== undefined && { 'IpPermissions.1.FromPort': from, 'IpPermissions.1.ToPort': to }),
});
const ingress = { Action: 'AuthorizeSecurityGroupIngress', GroupName: 'web' };

describe('what ec2-authorize asks for', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['web -p 80', { ...ingress, ...traffic('tcp', '80', '80'), ...everywhere }],
    ['web -p 1000-2000', { ...ingress, ...traffic('tcp', '1000', '2000'), ...everywhere }],
    ['web -p -1', { ...ingress, ...traffic('tcp', '0', '65535'), ...everywhere }],
    ['web -P UDP -p 53', { ...ingress, ...traffic('udp', '53', '53'), ...everywhere }],
    ['web -P 17 -p 53', { ...ingress, ...traffic('udp', '53', '53'), ...everywhere }],
    ['web -P icmp -t 8:0', { ...ingress, ...traffic('icmp', '8', '0'), ...everywhere }],
    ['web -P icmp -t -1:-1', { ...ingress, ...traffic('icmp', '-1', '-1'), ...everywhere }],
    ['web -P all', { ...ingress, ...traffic('-1'), ...everywhere }],
    ['web -P -1', { ...ingress, ...traffic('-1'), ...everywhere }],
    ['web -P all -p -1', { ...ingress, ...traffic('-1'), ...everywhere }],
    ['web -P 47', { ...ingress, ...traffic('47'), ...everywhere }],
    [
      'sg-0123456789abcdef0 --egress -p 80',
      {
        Action: 'AuthorizeSecurityGroupEgress',
        GroupId: 'sg-0123456789abcdef0',
        ...traffic('tcp', '80', '80'),
        ...everywhere,
      },
    ],
    [
      'web -p 80 -s 192.0.2.0/24 -s 2001:db8::/32 --source-subnet 198.51.100.0/24',
      {
        ...ingress,
        ...traffic('tcp', '80', '80'),
        'IpPermissions.1.IpRanges.1.CidrIp': '192.0.2.0/24',
        'IpPermissions.1.IpRanges.2.CidrIp': '198.51.100.0/24',
        'IpPermissions.1.Ipv6Ranges.1.CidrIpv6': '2001:db8::/32',
      },
    ],
    [
      'web -p 80 -o lb -u 111122223333 -o sg-1a2b3c4d -u 444455556666',
      {
        ...ingress,
        ...traffic('tcp', '80', '80'),
        'IpPermissions.1.Groups.1.UserId': '111122223333',
        'IpPermissions.1.Groups.1.GroupName': 'lb',
        'IpPermissions.1.Groups.2.UserId': '444455556666',
        'IpPermissions.1.Groups.2.GroupId': 'sg-1a2b3c4d',
      },
    ],
    [
      'web -p 80 -o lb',
      { ...ingress, ...traffic('tcp', '80', '80'), 'IpPermissions.1.Groups.1.GroupName': 'lb' },
    ],
    [
      'web -p 80 -p 443',
      {
        ...ingress,
        ...traffic('tcp', '80', '80'),
        ...everywhere,
        'IpPermissions.2.IpProtocol': 'tcp',
        'IpPermissions.2.FromPort': '443',
        'IpPermissions.2.ToPort': '443',
        'IpPermissions.2.IpRanges.1.CidrIp': '0.0.0.0/0',
      },
    ],
  ])('%s', (typed, parameters) => {
    expect(requestFor(authorize, typed)).toEqual(parameters);
  });

  it('is what ec2-revoke asks for too, but for the word', () => {
    const { Action, ...rest } = requestFor(revoke, 'web -p 80 -o lb');
    expect(Action).toBe('RevokeSecurityGroupIngress');
    expect(rest).toEqual({ ...requestFor(authorize, 'web -p 80 -o lb'), Action: undefined });
  });
});

describe('what is refused before anything is asked', () => {
  it.each([
    ['web', '--port-range is missing: give -p 80'],
    ['web -P icmp', '--icmp-type-code is missing: give -t 8:0'],
    ['web -p 70000', "--port-range '70000' is malformed: use a port up to 65535"],
    ['web -p http', "--port-range 'http' is malformed"],
    ['web -p 90-80', "--port-range '90-80' runs backwards: write 80-90"],
    ['web -P icmp -p 80 -t 8:0', "--port-range '80' has no meaning with -P icmp: leave it out"],
    ['web -P all -p 80', "--port-range '80' has no meaning with -P all: leave it out"],
    ['web -p 80 -t 8:0', "--icmp-type-code '8:0' is for ICMP: add -P icmp"],
    ['web -P icmp -t 8', "--icmp-type-code '8' is malformed: use TYPE:CODE"],
    ['web -P icmp -t 300:0', "--icmp-type-code '300:0' is malformed"],
    ['web -P tpc -p 80', "--protocol 'tpc' is unknown: use tcp, udp"],
    ['web -P tcp -P udp -p 80', '--protocol is given 2 times: give it once'],
    ['web -p 80 -u 111122223333', "--source-or-dest-group-user '111122223333' does not match -o ''"],
    ['web -p 80 -o a -o b -u 111122223333', 'give one -u for each -o'],
  ])('%s', (typed, complaint) => {
    const asking = () => requestFor(authorize, typed);
    expect(asking).toThrow(UsageError);
    expect(asking).toThrow(complaint);
  });
});

describe('what ec2-authorize and ec2-revoke print', () => {
  const accepted = '<return>true</return>';

  it.each([
    [
      'web -p 22',
      'GROUP\t\t\tweb\t\t\nPERMISSION\t\tweb\tALLOWS\ttcp\t22\t22\tFROM\tCIDR\t0.0.0.0/0\tingress\n',
    ],
    [
      'sg-1a2b3c4d -P icmp -t -1:-1 -s ::/0',
      'GROUP\tsg-1a2b3c4d\t\t\t\t\nPERMISSION\t\t\tALLOWS\ticmp\t-1\t-1\tFROM\tCIDR\t::/0\tingress\n',
    ],
    [
      'db -p 5432 -o web -u 111122223333 --egress',
      'GROUP\t\t\tdb\t\t\nPERMISSION\t\tdb\tALLOWS\ttcp\t5432\t5432\tTO\tUSER\t111122223333\tNAME web\t\tegress\n',
    ],
    [
      'db -P all -o sg-1a2b3c4d',
      'GROUP\t\t\tdb\t\t\nPERMISSION\t\tdb\tALLOWS\tall\t\t\tFROM\tUSER\t\t\tID sg-1a2b3c4d\tingress\n',
    ],
  ])('%s', (typed, lines) => {
    expect(linesFor(authorize, typed, accepted)).toBe(lines);
    expect(linesFor(revoke, typed, accepted)).toBe(lines);
  });

  it('only what was revoked, when not all of it was there', () => {
    const answer = `
      <return>true</return>
      <unknownIpPermissionSet><item>
        <ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>
        <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>
      </item></unknownIpPermissionSet>
      <revokedSecurityGroupRuleSet><item>
        <ipProtocol>tcp</ipProtocol><fromPort>80</fromPort><toPort>80</toPort><cidrIpv4>0.0.0.0/0</cidrIpv4>
      </item></revokedSecurityGroupRuleSet>`;
    expect(linesFor(revoke, 'web -p 80 -p 443', answer)).toBe(
      'GROUP\t\t\tweb\t\t\nPERMISSION\t\tweb\tALLOWS\ttcp\t80\t80\tFROM\tCIDR\t0.0.0.0/0\tingress\n',
    );
  });
});
