/** The variable that tells a lab in the background that it is one. */
export const BACKGROUND = 'RAMPART_LAB_BACKGROUND';
