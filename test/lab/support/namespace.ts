import { execFileSync, spawnSync } from 'node:child_process';

/** Why tests with a real kernel can't run here; undefined when they can. */
export const noKernel =
  process.platform !== 'linux'
    ? 'needs Linux'
    : process.getuid?.() !== 0
      ? 'needs root'
      : spawnSync('nft', ['--version']).status !== 0
        ? 'needs nftables'
        : undefined;

/** A network namespace of the test's own; gone when disposed. */
export class Namespace implements Disposable {
  readonly name: string;

  constructor(name: string) {
    this.name = `rampart-test-${process.pid}-${name}`;
    execFileSync('ip', ['netns', 'add', this.name]);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  get path(): string {
    return `/run/netns/${this.name}`;
  }

  /** The command's output; throws when it fails. */
  run(command: string, ...args: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, command, ...args], {
      encoding: 'utf8',
      maxBuffer: 512 * 1024 * 1024,
    });
  }

  [Symbol.dispose](): void {
    execFileSync('ip', ['netns', 'delete', this.name]);
  }
}
