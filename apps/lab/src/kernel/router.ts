import { readdirSync, writeFileSync } from 'node:fs';

/** Sets the namespace that the thread is in to pass packets on, and to leave all judging of them to nftables. */
export function beRouter(): void {
  const settings = {
    'ipv4/ip_forward': 1,
    'ipv6/conf/all/forwarding': 1,
    'ipv4/conf/all/rp_filter': 0,
    'ipv4/conf/default/rp_filter': 0,
    'ipv4/conf/all/send_redirects': 0,
    'ipv4/conf/default/send_redirects': 0,
  };
  for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/net/${name}`, String(value));
  // A router asks for neighbours from its link-local address: with duplicate detection it would have none for a second
  // or two, and forward nothing over IPv6. Nothing else is on these links. Has to be said for each link there is.
  const links = '/proc/sys/net/ipv6/conf';
  for (const link of readdirSync(links)) writeFileSync(`${links}/${link}/accept_dad`, '0');
}
