import { setFlagsFromString } from 'node:v8';

// Loading the program would let the space for young objects grow to what an agent never needs again, and keep it:
// 13 MB of each host's memory.
setFlagsFromString('--semi-space-growth-factor=1');
