import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refused } from './run.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const modules = join(root, 'node_modules');
/** What running copies of Rampart and of these tools leave for each other; never committed. */
export const runtime = join(root, '.rampart');

const isModulesBin = (entry) => /\/node_modules\/\.bin\/?$|node-gyp-bin\/?$/.test(entry);
const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !isModulesBin(entry));
const systemPath = [...path, '/usr/local/sbin', '/usr/sbin', '/sbin']; // nft and nats-server live in sbin

/** For Rampart's own processes: the project's Node.js and tools come first. */
export const projectEnv = { ...process.env, PATH: [join(modules, '.bin'), ...systemPath].join(delimiter) };

/** For npm and apt: nothing from node_modules, and nothing that an outer npm passes on to an inner one. */
export const systemEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(?!config_(registry|cache|userconfig)$)/i.test(name),
    ),
  ),
  PATH: systemPath.join(delimiter),
};

/** By its name, or by its whole path. */
export const findProgram = (name) =>
  systemPath.map((folder) => resolve(folder, name)).find((candidate) => existsSync(candidate));

/** Rampart runs on the Node.js that its lock file pins; the one that runs these tools may be older. */
export function projectNode() {
  const pinned = join(modules, '.bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= 26) return process.execPath;
  throw new Refused(
    `needs Node.js 26; npm has none for ${process.platform}-${process.arch}, please install it`,
  );
}
