import type { Bus } from '#libs/bus';
import { evaluate } from '#libs/compiler';
import type { HostId } from '#libs/domain';
import type { FakeDataplane } from '#libs/nftables';
import { evaluateSubject, type EvaluateReply, type EvaluateRequest } from '#libs/protocol';
import type { AgentPolicy } from './policy/agent-policy.js';

/** Any interface that is no instance's. */
const ELSEWHERE = 'uplink';

/** Without a kernel there are no packets: whoever asks is told what would become of one. */
export function answerEvaluations(
  bus: Bus,
  hostId: HostId,
  dataplane: FakeDataplane,
  policy: AgentPolicy,
): void {
  bus.subscribe(evaluateSubject(hostId), ({ text, respond }) => {
    const packet = JSON.parse(text) as EvaluateRequest;
    const interfaceOf = (address: EvaluateRequest['source']): string =>
      policy.interfaceOf(address) ?? ELSEWHERE;
    const [iifname, oifname] = [interfaceOf(packet.source), interfaceOf(packet.destination)];
    const verdict = evaluate(dataplane.ruleset, { ...packet, hook: 'forward', iifname, oifname });
    respond(JSON.stringify({ verdict } satisfies EvaluateReply));
  });
}
