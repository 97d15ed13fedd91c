import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { HostId } from '#libs/domain';
import { hostSubject, RECEIPT_SUBJECT, type HostDelta, type ReceiptNotice } from '#libs/protocol';
import { lineOf } from './feed.js';
import type { Fleet } from './fleet.js';
import type { Say } from './output.js';

const RECONNECT_MS = 100;

export const openNats = (url: string): Promise<NatsConnection> =>
  connect({
    servers: url,
    name: 'rampart-lab',
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: 0,
    timeout: 2_000,
  });

/** From here on the fleet is as the control plane has it; what was missed while disconnected is caught up on. */
export async function followFleet(nats: NatsConnection, fleet: Fleet): Promise<void> {
  const anyHost = hostSubject('*' as HostId);
  nats.subscribe(anyHost, {
    callback: (error, message) => void (error ?? fleet.follow(message.json<HostDelta>())),
  });
  await nats.flush();
  void reconcileAfterReconnects(nats, fleet);
}

async function reconcileAfterReconnects(nats: NatsConnection, fleet: Fleet): Promise<void> {
  for await (const { type } of nats.status()) if (type === 'reconnect') void fleet.reconcile();
}

/** Each change becomes a line as soon as all of its hosts have it. */
export function followReceipts(nats: NatsConnection, say: Say): void {
  nats.subscribe(RECEIPT_SUBJECT, {
    callback: (error, message) => void (error ?? say(lineOf(message.json<ReceiptNotice>()))),
  });
}
