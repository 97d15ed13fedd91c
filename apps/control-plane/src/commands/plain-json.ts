import type { ConsumerDeserializer, IncomingRequest, Serializer } from '@nestjs/microservices';

interface Message {
  readonly data: Uint8Array;
  json(): unknown;
}

/** Any NATS client's plain JSON as a request; Nest's own wants an envelope, which nobody else sends. */
export const plainRequests: ConsumerDeserializer = {
  deserialize(message: Message, options?: Record<string, unknown>): IncomingRequest {
    const { channel, replyTo } = options ?? {};
    return {
      pattern: String(channel),
      data: parsedBody(message),
      id: typeof replyTo === 'string' ? replyTo : '',
    };
  },
};

/** The answer itself, without Nest's envelope. */
export const plainAnswers: Serializer<
  { readonly response?: unknown; readonly err?: unknown },
  { data: string }
> = {
  serialize: ({ response, err }) => ({
    data: JSON.stringify(
      err ? { accepted: false, code: 'Failed', message: 'the command failed' } : (response ?? null),
    ),
  }),
};

function parsedBody(message: Message): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
