/** The first descriptor that a service manager passes on (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3;

/**
 * The listening socket of systemd's socket activation, if there is one for this process: whoever holds it keeps
 * connections waiting while the control plane restarts.
 */
export function inheritedSocket(
  variables: NodeJS.ProcessEnv = process.env,
): { readonly fd: number } | undefined {
  const { LISTEN_FDS: count, LISTEN_PID: pid } = variables;
  const isOurs = pid === undefined || pid === String(process.pid);
  return count !== undefined && Number(count) >= 1 && isOurs ? { fd: FIRST_DESCRIPTOR } : undefined;
}
