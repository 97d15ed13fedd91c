import type { InstanceId } from '#libs/domain';
import { Ec2Error, missingParameter } from '#libs/protocol';
import type { Action } from '../action.js';
import { reservationXml, RUNNING, SHUTTING_DOWN, stateOf, TERMINATED } from '../instance-xml.js';
import { launchFrom } from '../launch-parameters.js';
import { zoneOf } from '../network.js';
import { pageOf } from '../pages.js';
import { instanceIdFrom, instancesOf, wantedInstances } from '../wanted-instances.js';

/** With a ClientToken that was used before, the answer is what was launched then. */
export const runInstances: Action = async (parameters, context) => {
  const launch = launchFrom(parameters, context);
  const { accountId, clientToken } = launch;
  const events = await context.execute(launch);
  const launched =
    events.length === 0 && clientToken
      ? (context.directory.madeBy(accountId, clientToken.token) as readonly InstanceId[])
      : events.flatMap(({ event }) => (event.type === 'InstanceLaunched' ? event.instance.instanceId : []));
  return reservationXml(
    launched.flatMap((id) => context.directory.instances.get(id) ?? []),
    context,
  );
};

export const describeInstances: Action = (parameters, context) => {
  if (parameters.text('MaxResults') !== undefined && parameters.list('InstanceId').length > 0)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  const page = pageOf(wantedInstances(parameters, context), parameters);
  const reservations = Map.groupBy(page.things, ({ instance }) => instance.reservationId);
  return {
    reservationSet: reservations.values().map((views) => reservationXml(views, context)),
    nextToken: page.nextToken,
  };
};

export const terminateInstances: Action = async (parameters, { account, execute }) => {
  const instanceIds = parameters.list('InstanceId').map(instanceIdFrom);
  if (instanceIds.length === 0) throw missingParameter('InstanceId');
  const events = await execute({ type: 'TerminateInstances', accountId: account.accountId, instanceIds });
  const ended = new Set(
    events.flatMap(({ event }) => (event.type === 'InstanceTerminated' ? event.instance.instanceId : [])),
  );
  return {
    instancesSet: [...new Set(instanceIds)].map((instanceId) => ({
      instanceId,
      currentState: ended.has(instanceId) ? SHUTTING_DOWN : TERMINATED,
      previousState: ended.has(instanceId) ? RUNNING : TERMINATED,
    })),
  };
};

const PASSED = { status: 'ok', details: [{ name: 'reachability', status: 'passed' }] };
const NOT_CHECKED = { status: 'not-applicable' };

/** Instances that run; with IncludeAllInstances, or when asked for by state, those that ended as well. */
export const describeInstanceStatus: Action = (parameters, context) => {
  const isAll = parameters.text('IncludeAllInstances')?.toLowerCase() === 'true';
  const wanted = Iterator.from(wantedInstances(parameters, context)).filter(
    ({ terminatedAt }) => isAll || terminatedAt === undefined,
  );
  const page = pageOf(wanted, parameters);
  return {
    instanceStatusSet: page.things.map((view) => ({
      instanceId: view.instance.instanceId,
      availabilityZone: zoneOf(context.region),
      eventsSet: [],
      instanceState: stateOf(view),
      systemStatus: view.terminatedAt === undefined ? PASSED : NOT_CHECKED,
      instanceStatus: view.terminatedAt === undefined ? PASSED : NOT_CHECKED,
    })),
    nextToken: page.nextToken,
  };
};

/** No instance has credits to spend. */
export const describeInstanceCreditSpecifications: Action = (parameters, context) => ({
  instanceCreditSpecificationSet: instancesOf(
    new Set(parameters.list('InstanceId').map(instanceIdFrom)),
    context,
  ).map(({ instance: { instanceId } }) => ({ instanceId, cpuCredits: 'standard' })),
});
