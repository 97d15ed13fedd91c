import { existsSync } from 'node:fs';
import { EC2, EC2ServiceException } from '@aws-sdk/client-ec2';
import { expect } from 'vitest';
import type { Installation } from '../../support/installation.js';

// Debian's own, whatever else is called `aws` or `python3` on the path.
export const AWS = '/usr/bin/aws';
export const PYTHON = '/usr/bin/python3';

const missing = (file: string, what: string): string | undefined =>
  existsSync(file) ? undefined : `there is no ${what}`;
/** Why tests with Debian's AWS CLI can't run here; undefined when they can. */
export const noAws = missing(AWS, AWS);
export const noBoto3 = missing('/usr/lib/python3/dist-packages/boto3', 'python3-boto3');

export const REGION = 'us-east-1';

/** What an AWS client has to know, and what keeps it from looking elsewhere. */
export const environmentOf = ({ environment }: Installation): Readonly<Record<string, string>> => ({
  ...environment,
  AWS_ENDPOINT_URL_EC2: endpointOf(environment),
  AWS_ENDPOINT_URL_STS: endpointOf(environment),
  AWS_DEFAULT_REGION: REGION,
  AWS_REGION: REGION,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
});

const endpointOf = (environment: Readonly<Record<string, string>>): string => environment['EC2_URL'] ?? '';

export interface SdkSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

/** For the constructors of the SDK's clients; what fails is not tried again. */
export const sdkSettings = ({ environment }: Installation): SdkSettings => ({
  endpoint: endpointOf(environment),
  region: REGION,
  credentials: {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
  },
  maxAttempts: 1,
});

export const openEc2 = (installation: Installation): EC2 => new EC2(sdkSettings(installation));

/** The call must fail with EC2's code, as the SDK makes an exception of it. */
export async function expectRefusal(
  call: Promise<unknown>,
  code: string,
  message: string | RegExp = /./,
  status = 400,
): Promise<void> {
  const error: unknown = await call.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EC2ServiceException);
  expect(error).toMatchObject({ name: code, $metadata: { httpStatusCode: status } });
  expect((error as Error).message).toMatch(message);
}

/** All pages that a paginator of the SDK yields. */
export const pagesOf = <Page>(pages: AsyncIterable<Page>): Promise<Page[]> => Array.fromAsync(pages);
