import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { parseAccountId, parseInstanceId, parseIpAddress } from '#libs/domain';
import type { LocalReply, LocalRequest } from './local/local-commands.js';

const SOCKET = '/run/rampart-host-agent/agent.sock';
const USAGE = `usage: rampart-agent attach --account <id> --interface <name> [--group <name or id>]… [--address <address>]
       rampart-agent attach --instance <id> --interface <name>
       rampart-agent detach --instance <id> | --interface <name>
       rampart-agent list
       rampart-agent status`;

class UsageError extends Error {}

const OPTIONS = {
  account: { type: 'string' },
  group: { type: 'string', multiple: true },
  interface: { type: 'string' },
  address: { type: 'string' },
  instance: { type: 'string' },
} as const;

type Typed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** Of something that is to be an instance from now on. */
function attachmentFrom({ account = '', interface: name, address: text, group = [] }: Typed): LocalRequest {
  const accountId = parseAccountId(account);
  const address = text === undefined ? undefined : parseIpAddress(text);
  if (!accountId) throw new UsageError('--account: give the 12 digits of an account');
  if (name === undefined) throw new UsageError('--interface: name the interface');
  if (text !== undefined && !address) throw new UsageError('--address: give an IP address');
  return { type: 'attach', accountId, groups: group, interfaceName: name, ...(address ? { address } : {}) };
}

/** Of an instance that keeps its account, its groups and its addresses. */
function reattachmentFrom({ instance = '', interface: name, ...more }: Typed): LocalRequest {
  const instanceId = parseInstanceId(instance);
  if (!instanceId) throw new UsageError('--instance: give an id such as i-1a2b3c4d');
  if (name === undefined) throw new UsageError('--interface: name the interface');
  const [kept] = Object.keys(more);
  if (kept !== undefined) throw new UsageError(`--${kept}: an instance keeps it for life`);
  return { type: 'reattach', instanceId, interfaceName: name };
}

/** A request from what was typed; throws a UsageError. */
function requestFrom(args: readonly string[]): LocalRequest {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [command, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`'${more.join(' ')}' means nothing here`);
  switch (command) {
    case 'attach':
      return values.instance === undefined ? attachmentFrom(values) : reattachmentFrom(values);
    case 'detach': {
      const instance = parseInstanceId(values.instance ?? '');
      if (instance) return { type: command, instance };
      if (values.interface !== undefined) return { type: command, interfaceName: values.interface };
      throw new UsageError('give --instance or --interface');
    }
    case 'list':
    case 'status':
      return { type: command };
    case undefined:
    default:
      throw new UsageError('say what to do');
  }
}

async function ask(request: LocalRequest): Promise<LocalReply> {
  const path = process.env['RAMPART_AGENT_SOCKET'] ?? SOCKET;
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new Error(`no agent answers at ${path}: start it, or set RAMPART_AGENT_SOCKET`, { cause });
  }
  socket.end(`${JSON.stringify(request)}\n`);
  return JSON.parse(await text(socket)) as LocalReply;
}

async function main(): Promise<void> {
  const { ok, message, instances = [], status } = await ask(requestFrom(process.argv.slice(2)));
  if (!ok) throw new Error(message);
  for (const { instanceId, interfaceName, addresses } of instances)
    console.log(['INSTANCE', instanceId, interfaceName || '-', addresses.join()].join('\t'));
  if (!status) return;
  const { hostId, complete, degraded } = status;
  const how = degraded ? 'the kernel refuses some of it' : complete ? 'enforced' : 'something is missing yet';
  console.log(`HOST\t${hostId}\t${how}`);
  if (degraded || !complete) process.exitCode = 1;
}

main().catch((error: unknown) => {
  const isUsage =
    error instanceof UsageError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE'));
  console.error(`rampart-agent: ${error instanceof Error ? error.message : String(error)}`);
  if (isUsage) console.error(USAGE);
  process.exitCode = isUsage ? 2 : 1;
});
