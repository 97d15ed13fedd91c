import type { InstanceView } from '#libs/projections';
import { Ec2Error, missingParameter, type QueryParameters, type Xml } from '#libs/protocol';
import type { Action } from '../action.js';
import { instanceIdFrom, instancesOf } from '../wanted-instances.js';

/** What has one value for all instances. The EC2 API has every attribute in an element of its own. */
const SETTINGS = {
  disableApiTermination: 'false',
  disableApiStop: 'false',
  instanceInitiatedShutdownBehavior: 'terminate',
  sourceDestCheck: 'true',
  ebsOptimized: 'false',
  enaSupport: 'true',
} as const satisfies Readonly<Record<string, string>>;

const ATTRIBUTES: ReadonlyMap<string, (view: InstanceView) => Xml> = new Map<
  string,
  (view: InstanceView) => Xml
>([
  ...Object.entries(SETTINGS).map(([name, value]) => [name, () => ({ value })] as const),
  ['instanceType', ({ instance }) => ({ value: instance.instanceType })],
  ['rootDeviceName', () => ({ value: '/dev/xvda' })],
  ['enclaveOptions', () => ({ enabled: false })],
  ['userData', () => ({})],
  ['kernel', () => ({})],
  ['ramdisk', () => ({})],
  ['sriovNetSupport', () => ({})],
  ['blockDeviceMapping', () => []],
  ['productCodes', () => []],
]);

/** UserData and the like are passed over at a launch, and so are empty here. */
export const describeInstanceAttribute: Action = (parameters, context) => {
  const { view, instanceId } = instanceFrom(parameters, context);
  const name = parameters.text('Attribute');
  if (name === undefined) throw missingParameter('Attribute');
  if (name === 'groupSet')
    return { instanceId, groupSet: view.instance.groupIds.map((groupId) => ({ groupId })) };
  const valueOf = ATTRIBUTES.get(name);
  if (!valueOf)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${name}) for parameter attribute is invalid. Unknown attribute.`,
    );
  return { instanceId, [name]: valueOf(view) };
};

/** To set what is so already is no error; anything else can't be. */
export const modifyInstanceAttribute: Action = (parameters, context) => {
  const { instanceId } = instanceFrom(parameters, context);
  if (parameters.list('GroupId').length > 0)
    throw unsupported(
      `The groups of an instance are fixed at its launch, and ${instanceId} keeps its own: launch another with the groups wanted, or change the rules of these groups`,
    );
  const wanted = Object.entries(SETTINGS).flatMap(([name, value]) => {
    const given =
      parameters.text('Attribute') === name
        ? parameters.text('Value')
        : parameters.text(`${name.charAt(0).toUpperCase()}${name.slice(1)}.Value`);
    return given === undefined ? [] : [{ name, isSo: given.toLowerCase() === value }];
  });
  const other = wanted.find(({ isSo }) => !isSo);
  if (other || wanted.length === 0)
    throw unsupported(
      `${other ? `The attribute ${other.name}` : 'The attribute'} of an instance can't be modified here`,
    );
  return { return: true };
};

export const modifyNetworkInterfaceAttribute: Action = () => {
  throw unsupported(
    'A network interface is its instance’s, and the groups of an instance are fixed at its launch: launch another with the groups wanted, or change the rules of these groups',
  );
};

/** StartInstances, StopInstances, RebootInstances. */
export const changePower: Action = () => {
  throw unsupported(
    'Instances have no power state here: they run from RunInstances to TerminateInstances. What runs in them is started and stopped on their host',
  );
};

const unsupported = (message: string): Ec2Error => new Ec2Error('UnsupportedOperation', message);

function instanceFrom(
  parameters: QueryParameters,
  context: Parameters<Action>[1],
): { readonly view: InstanceView; readonly instanceId: string } {
  const text = parameters.text('InstanceId');
  if (text === undefined) throw missingParameter('InstanceId');
  const [view] = instancesOf([instanceIdFrom(text)], context);
  if (!view) throw new TypeError('an instance that is there was not found');
  return { view, instanceId: view.instance.instanceId };
}
