export { hostPolicyOf, recompute } from '../../apps/control-plane/src/verification/recompute.js';
