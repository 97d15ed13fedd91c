import type { Bus } from '#libs/bus';
import { contentsOf } from '#libs/compiler';
import type { HostId } from '#libs/domain';
import { digestOf, PROTOCOL_VERSION, verifySubject, type VerifyReply } from '#libs/protocol';
import type { EnforcedPolicy } from './enforcement/enforced-policy.js';

/** Whoever asks is told what the kernel holds: read from the kernel, and not from what the agent believes. */
export function answerVerifications(bus: Bus, hostId: HostId, host: EnforcedPolicy): void {
  bus.subscribe(verifySubject(hostId), (message) => {
    const held = host.read();
    const objects = held
      ? [...contentsOf(held)].map(([name, lines]) => [name, digestOf(lines)] as const)
      : [];
    const reply: VerifyReply = {
      version: PROTOCOL_VERSION,
      hostId,
      positions: host.policy.positions,
      settings: host.policy.settings,
      objects: Object.fromEntries(objects),
    };
    message.respond(JSON.stringify(reply));
  });
}
