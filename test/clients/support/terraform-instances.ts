import {
  waitUntilInstanceRunning,
  waitUntilInstanceTerminated,
  type EC2,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';

// What Terraform's AWS provider (5 and 6) calls, in its order, for `aws_instance`.

export interface InstanceSettings {
  readonly name: string;
  readonly groupIds: string[];
  readonly clientToken: string;
}

const times = (client: EC2) => ({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 });

export async function createInstance(ec2: EC2, settings: InstanceSettings): Promise<string> {
  const { Instances } = await ec2.runInstances({
    ImageId: 'ami-12345678',
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ClientToken: settings.clientToken,
    SecurityGroupIds: settings.groupIds,
    EbsOptimized: false,
    Monitoring: { Enabled: false },
    Placement: {},
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: settings.name }] }],
  });
  const InstanceId = Instances?.[0]?.InstanceId ?? '';
  await waitUntilInstanceRunning(times(ec2), { InstanceIds: [InstanceId] });
  return InstanceId;
}

/** A refresh: every call of it must be answered, or each plan fails. */
export async function readInstance(ec2: EC2, InstanceId: string): Promise<object> {
  const { Reservations } = await ec2.describeInstances({ InstanceIds: [InstanceId] });
  const instance: Instance = Reservations?.[0]?.Instances?.[0] ?? {};
  const { InstanceTypes } = await ec2.describeInstanceTypes({
    InstanceTypes: instance.InstanceType ? [instance.InstanceType] : [],
  });
  const tagsOf = async (...more: Filter[]): Promise<unknown> => {
    const Filters = [{ Name: 'resource-id', Values: [InstanceId] }, ...more];
    return (await ec2.describeTags({ Filters })).Tags;
  };
  const launchTemplate = await tagsOf({ Name: 'key', Values: ['aws:ec2launchtemplate:id'] });
  const { Vpcs } = await ec2.describeVpcs({ VpcIds: [instance.VpcId ?? ''] });
  const attributes = await readAttributes(ec2, InstanceId);
  const { InstanceCreditSpecifications } = await ec2.describeInstanceCreditSpecifications({
    InstanceIds: [InstanceId],
  });
  const { Volumes } = await ec2.describeVolumes({
    Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId] }],
  });
  return {
    instance,
    types: InstanceTypes,
    launchTemplate,
    vpcs: Vpcs,
    attributes,
    credits: InstanceCreditSpecifications,
    volumes: Volumes,
    tags: await tagsOf(),
  };
}

async function readAttributes(ec2: EC2, InstanceId: string): Promise<object> {
  const names = [
    'instanceInitiatedShutdownBehavior',
    'disableApiStop',
    'disableApiTermination',
    'userData',
  ] as const;
  const attributes = {};
  for (const Attribute of names) {
    const answer = await ec2.describeInstanceAttribute({ InstanceId, Attribute });
    Object.assign(attributes, answer); // each holds one attribute
  }
  return attributes;
}

export async function deleteInstance(ec2: EC2, InstanceId: string): Promise<void> {
  // The provider only warns when it can't lift the protection.
  const asked = ec2.modifyInstanceAttribute({ InstanceId, DisableApiTermination: { Value: false } });
  await asked.catch(() => undefined);
  await ec2.terminateInstances({ InstanceIds: [InstanceId] });
  await waitUntilInstanceTerminated(times(ec2), { InstanceIds: [InstanceId] });
}
