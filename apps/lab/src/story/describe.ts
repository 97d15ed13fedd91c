import { cidrContains, parseInstanceId, parseIpAddress, type IpAddress } from '#libs/domain';
import type { HostMachine, PlacedInstance } from '../machines.js';
import { child, items, textOf, type Ec2Client, type XmlNode } from './ec2-client.js';

/** The instances of an account that run now, on whichever host their addresses belong to. */
export async function describeInstances(
  ec2: Ec2Client,
  hosts: readonly HostMachine[],
): Promise<readonly PlacedInstance[]> {
  const answer = await ec2.call('DescribeInstances');
  return items(child(answer, 'reservationSet'))
    .flatMap((reservation) => items(child(reservation, 'instancesSet')))
    .filter((instance) => textOf(child(instance, 'instanceState'), 'name') === 'running')
    .flatMap((instance) => placed(instance, hosts) ?? []);
}

function placed(instance: XmlNode, hosts: readonly HostMachine[]): PlacedInstance | undefined {
  const instanceId = parseInstanceId(textOf(instance, 'instanceId') ?? '');
  const addresses = addressesOf(instance);
  const host = hosts.find(({ ranges }) =>
    ranges.some((range) => addresses.some((address) => cidrContains(range, address))),
  );
  return instanceId && host ? { instanceId, host: host.id, addresses } : undefined;
}

function addressesOf(instance: XmlNode): readonly IpAddress[] {
  const texts = [textOf(instance, 'privateIpAddress'), textOf(instance, 'ipv6Address')];
  return texts.flatMap((text) => parseIpAddress(text ?? '') ?? []);
}
