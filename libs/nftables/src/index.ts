export * from './dataplane.js';
export { NetlinkDataplane } from './netlink/netlink-dataplane.js';
export { FakeDataplane } from './fake/fake-dataplane.js';
