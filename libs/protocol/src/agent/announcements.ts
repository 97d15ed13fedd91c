import type { AccountId, InstanceId, IpAddress } from '#libs/domain';

/** What a host says of the instances behind it: one has come, by an interface of that name; has another now; has gone. */
export type AnnounceRequest =
  | {
      readonly type: 'attach';
      readonly accountId: AccountId;
      /** By name or id. */
      readonly groups: readonly string[];
      readonly interfaceName: string;
      /** One from the host's ranges; the next free one when absent. */
      readonly address?: IpAddress;
    }
  | { readonly type: 'reattach'; readonly instanceId: InstanceId; readonly interfaceName: string }
  | { readonly type: 'detach'; readonly instanceId: InstanceId };

export type AnnounceReply =
  | {
      readonly accepted: true;
      readonly instanceId: InstanceId;
      readonly interfaceName: string;
      readonly addresses: readonly IpAddress[];
    }
  | { readonly accepted: false; readonly code: string; readonly message: string };
