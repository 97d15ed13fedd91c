/** Something that a person can mend: shown as one message, without a stack trace. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** A signal asked the lab to end: the way every lab is meant to end. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}
