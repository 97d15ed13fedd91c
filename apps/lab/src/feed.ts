import type { ReceiptNotice } from '#libs/protocol';

/** One change as a line: when, what, how many of the hosts it concerns enforce it, and after how long. */
export function lineOf(notice: ReceiptNotice): string {
  const { time, summary, concerned, enforced, milliseconds } = notice;
  const took = `${enforced}/${concerned} hosts  ${milliseconds.toFixed(1)} ms`;
  const outcome = concerned === 0 ? 'no host concerned' : took;
  const lagging = enforced < concerned ? '  LAGGING' : '';
  const clock = new Date(time).toLocaleTimeString('en-GB');
  return `${clock}  ${eventsOf(notice)}  ${summary}  ${outcome}${lagging}`;
}

/** `RuleAuthorized ×5` rather than five times the same word. */
function eventsOf({ events }: ReceiptNotice): string {
  const counts = Map.groupBy(events, (type) => type);
  return [...counts].map(([type, all]) => (all.length > 1 ? `${type} ×${all.length}` : type)).join(', ');
}
