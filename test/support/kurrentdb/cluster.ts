import type { Address } from './faults.js';
import {
  ClusterInfo,
  EndPoint,
  MemberInfo,
  StreamsService,
  SupportedMethod,
  SupportedMethods,
  UUID,
} from './messages.js';

/** A client asks for these once, to learn how it may append. */
export function supportedMethods(hasBatchAppend: boolean): InstanceType<typeof SupportedMethods> {
  const supported = new SupportedMethods().setEventStoreServerVersion(hasBatchAppend ? '25.1.0' : '20.10.0');
  if (hasBatchAppend) supported.addMethods(methodAt(StreamsService.batchAppend.path));
  return supported;
}

function methodAt(path: string): InstanceType<typeof SupportedMethod> {
  const [, service = '', method = ''] = path.split('/');
  return new SupportedMethod().setServiceName(service.toLowerCase()).setMethodName(method.toLowerCase());
}

/** What nodes tell of their cluster: here, of the leader alone. */
export function clusterInfo({ host, port }: Address): InstanceType<typeof ClusterInfo> {
  const member = new MemberInfo()
    .setInstanceId(new UUID().setString('00000000-0000-4000-8000-000000000001'))
    .setState(MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new EndPoint().setAddress(host).setPort(port));
  const info = new ClusterInfo();
  info.addMembers(member);
  return info;
}
