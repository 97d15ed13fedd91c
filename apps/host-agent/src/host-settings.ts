import { isIP } from 'node:net';
import type { HostSettings, Port } from '#libs/compiler';

const PROTOCOLS: Readonly<Record<string, Port['protocol']>> = { tcp: 6, udp: 17 };

/** What an operator needs to get at a host, and a host to get its addresses. */
export const FAILSAFE_IN = 'tcp/22,udp/68,udp/546';
export const FAILSAFE_OUT = 'udp/67,udp/547';

const parts = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** A list such as `tcp/22,udp/68`; undefined for anything else. */
export function parsePorts(text: string): readonly Port[] | undefined {
  const ports = parts(text).map((part): Port | undefined => {
    const [, name = '', digits] = /^([a-z]+)\/([0-9]{1,5})$/.exec(part) ?? [];
    const [protocol, port] = [PROTOCOLS[name], Number(digits)];
    return protocol && port > 0 && port < 65_536 ? { protocol, port } : undefined;
  });
  return ports.every((port) => port !== undefined) ? ports : undefined;
}

/** A list such as `ri-*,vnet*`; undefined for what would be no interface, or every one. */
export function parseInterfaces(text: string): readonly string[] | undefined {
  const patterns = parts(text);
  const areSound = patterns.every((pattern) => /^[^\s*/:]{1,15}\*?$/.test(pattern) && pattern !== 'lo');
  return areSound && patterns.length > 0 ? patterns : undefined;
}

/** Whether the agent manages an interface of that name. */
export const isManaged = (interfaceName: string, { interfaces }: HostSettings): boolean =>
  interfaces.some((pattern) =>
    pattern.endsWith('*') ? interfaceName.startsWith(pattern.slice(0, -1)) : interfaceName === pattern,
  );

/** What the way to NATS needs: its port, and DNS when it goes by a name. */
export function portsTo(natsUrl: string): readonly Port[] {
  return natsUrl.split(',').flatMap((server) => {
    const url = URL.parse(server.includes('://') ? server : `nats://${server}`);
    if (!url) return [];
    const dns: readonly Port[] = [17 as const, 6 as const].map((protocol) => ({ protocol, port: 53 }));
    const isNamed = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0;
    return [{ protocol: 6 as const, port: Number(url.port || 4222) }, ...(isNamed ? dns : [])];
  });
}
