import type { AccountId, Command, Limits, RecordedEvent } from '#libs/domain';
import type { AccountView, Directory } from '#libs/projections';
import type { QueryParameters, XmlFields } from '#libs/protocol';

/** What an action has to work with, beside its parameters. */
export interface ActionContext {
  readonly account: AccountView;
  readonly directory: Directory;
  readonly region: string;
  /** Where the client reached us: host and port. */
  readonly endpoint: string;
  readonly limits: Limits;
  /** When the request arrived. */
  readonly now: Date;
  /** Resolves with what is durable now; a refusal is thrown as EC2's error, as is DryRun's answer. */
  readonly execute: (command: Command) => Promise<readonly RecordedEvent[]>;
}

/** One EC2 action: parameters in, the content of its answer out. What it can't do it throws as an Ec2Error. */
export type Action = (parameters: QueryParameters, context: ActionContext) => XmlFields | Promise<XmlFields>;

/** `arn:aws:ec2:region:account:kind/id`, which clients show and sometimes take apart. */
export const arnOf = (region: string, accountId: AccountId, kind: string, id: string): string =>
  `arn:aws:ec2:${region}:${accountId}:${kind}/${id}`;
