import { readFile } from 'node:fs/promises';
import {
  Server,
  ServerCredentials,
  type handleUnaryCall,
  type Metadata,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import type { IStreamsServer } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import { append, batchAppend } from './appends.js';
import type { Certificates } from './certificates.js';
import { clusterInfo, supportedMethods } from './cluster.js';
import { unauthenticated, type Address, type AppendFault } from './faults.js';
import { GossipService, ServerFeaturesService, StreamsService } from './messages.js';
import type { Node, Subscription } from './node.js';
import { read } from './reads.js';
import { StoredStreams } from './stored-streams.js';

export interface DoubleOptions {
  /** Shared by the nodes of a cluster. */
  readonly streams?: StoredStreams;
  /** Another node, when this one is not the leader. */
  readonly leader?: () => KurrentDbDouble;
  /** With TLS, calls must carry these. */
  readonly secure?: { readonly certificates: Certificates; readonly user: string; readonly password: string };
  /** As servers before 21.10 are. */
  readonly withoutBatchAppend?: boolean;
}

/** Speaks KurrentDB's protocol, as far as our store goes, on a port of this machine. */
export class KurrentDbDouble implements Node, AsyncDisposable {
  readonly streams: StoredStreams;
  readonly appendFaults: AppendFault[] = [];
  readonly subscriptions = new Set<Subscription>();
  readonly #options: DoubleOptions;
  #server: Server | undefined;
  #port = 0;

  private constructor(options: DoubleOptions) {
    this.#options = options;
    this.streams = options.streams ?? new StoredStreams();
  }

  static async start(options: DoubleOptions = {}): Promise<KurrentDbDouble> {
    const double = new KurrentDbDouble(options);
    await double.start();
    return double;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get isLeader(): boolean {
    return this.#options.leader === undefined;
  }

  leader(): Address {
    const leader = this.#options.leader?.() ?? this;
    return { host: '127.0.0.1', port: leader.#port };
  }

  /** Breaks every connection. What is stored stays, as on a disk. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  /** On the same port as before. */
  async start(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    const hasBatchAppend = this.#options.withoutBatchAppend !== true;
    server.addService(ServerFeaturesService, {
      getSupportedMethods: ((_call, answer) =>
        answer(null, supportedMethods(hasBatchAppend))) as handleUnaryCall<unknown, unknown>,
    });
    server.addService(GossipService, {
      read: ((_call, answer) => answer(null, clusterInfo(this.leader()))) as handleUnaryCall<
        unknown,
        unknown
      >,
    });
    server.addService(StreamsService, this.#streamsService());
    const credentials = await credentialsOf(this.#options.secure?.certificates);
    this.#port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${this.#port}`, credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
    this.#server = server;
  }

  #streamsService(): Pick<IStreamsServer, 'read' | 'append' | 'batchAppend'> {
    const guarded = async (
      call: Pick<ServerDuplexStream<unknown, unknown>, 'metadata' | 'emit'>,
      work: () => Promise<void>,
    ): Promise<void> => {
      if (!this.#knows(call.metadata)) call.emit('error', unauthenticated());
      else await work().catch(() => undefined); // the client has left in the middle
    };
    return {
      read: (call) => void guarded(call, () => read(this, call)),
      append: (call, answer) => void guarded(call, () => append(this, call, answer)),
      batchAppend: (call) => void guarded(call, () => batchAppend(this, call)),
    };
  }

  #knows(metadata: Metadata): boolean {
    const { secure } = this.#options;
    if (!secure) return true;
    const wanted = Buffer.from(`${secure.user}:${secure.password}`).toString('base64');
    return metadata.get('authorization').includes(`Basic ${wanted}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }
}

const credentialsOf = async (certificates: Certificates | undefined): Promise<ServerCredentials> => {
  if (!certificates) return ServerCredentials.createInsecure();
  const [certificate, key] = await Promise.all([
    readFile(certificates.certificate),
    readFile(certificates.key),
  ]);
  return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
};
