import { Ec2Error, missingParameter, type QueryParameters } from '#libs/protocol';

/** A whole number from 0; undefined when it is absent. */
export function integerFrom(parameters: QueryParameters, name: string): number | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(text))
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${text}) for parameter ${name} is invalid. Expected a whole number.`,
    );
  return Number(text);
}

export function requireInteger(parameters: QueryParameters, name: string): number {
  const value = integerFrom(parameters, name);
  if (value === undefined) throw missingParameter(name);
  return value;
}
