import type { RampartCommand } from './command.js';

/** What `rampart` does by asking the control plane, one module each, loaded when it is wanted. */
export const COMMANDS: Readonly<Record<string, () => Promise<RampartCommand>>> = {
  groups: async () => (await import('./groups.js')).groups,
  rules: async () => (await import('./rules.js')).rules,
  instances: async () => (await import('./instances.js')).instances,
  hosts: async () => (await import('./hosts.js')).hosts,
  changes: async () => (await import('./changes.js')).changes,
  explain: async () => (await import('./history/explain.js')).explain,
  effective: async () => (await import('./history/effective.js')).effective,
  diff: async () => (await import('./history/diff.js')).diff,
  audit: async () => (await import('./audit.js')).audit,
  refusals: async () => (await import('./refusals.js')).refusals,
  revert: async () => (await import('./revert.js')).revert,
  restore: async () => (await import('./restore.js')).restore,
  verify: async () => (await import('./verify.js')).verify,
  apply: async () => (await import('./apply/apply.js')).apply,
  retire: async () => (await import('./retire.js')).retire,
};

export const commandNamed = (name: string): (() => Promise<RampartCommand>) | undefined =>
  Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
