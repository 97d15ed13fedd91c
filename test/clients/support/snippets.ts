import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string>>;

const PAGE = 'docs/clients.md';
const DEFAULT_ENDPOINT = 'http://127.0.0.1:8770';

/** A block of docs/clients.md, by its heading and its language, with the endpoint and the key of that environment. */
export function snippet(heading: string, language: string, environment: Environment): string {
  const section = readFileSync(PAGE, 'utf8')
    .split(/^## /m)
    .find((one) => one.startsWith(`${heading}\n`));
  const block = section?.split('```').find((one) => one.startsWith(`${language}\n`));
  if (block === undefined) throw new Error(`${PAGE} has no ${language} under '${heading}'`);
  return block
    .slice(language.length + 1)
    .replaceAll(DEFAULT_ENDPOINT, environment['AWS_ENDPOINT_URL_EC2'] ?? '')
    .replace(/(?<=aws_access_key_id ?= ?)…/i, environment['AWS_ACCESS_KEY_ID'] ?? '')
    .replace(/(?<=aws_secret_access_key ?= ?)…/i, environment['AWS_SECRET_ACCESS_KEY'] ?? '');
}

/** The profile of docs/clients.md in a file; its environment names that, and nothing that is in it. */
export class Profile implements Disposable {
  readonly environment: Environment;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rampart-profile-'));

  constructor(environment: Environment) {
    const file = join(this.#folder, 'config');
    writeFileSync(file, snippet('AWS CLI', 'ini', environment));
    this.environment = {
      AWS_CONFIG_FILE: file,
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PROFILE: 'rampart',
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
