import { FakeDataplane } from '#libs/nftables';
import { dataplaneContract } from '../../libs/nftables/src/contract/dataplane-contract.js';

dataplaneContract('the fake', () => new FakeDataplane());
