// Names and numbers of linux/netlink.h, linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h.

export const NETLINK_NETFILTER = 12;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** Set by the kernel on an error that carries attributes. */
export const NLM_F_ACK_TLVS = 0x200;
export const NLM_F_DUMP = 0x300;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
/** NLMSGERR_ATTR_* */
export const ERROR = { MSG: 1, OFFS: 2 } as const;
export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;

/** The multicast group of changes to tables. */
export const NFNLGRP_NFTABLES = 7;
export const NFNL_SUBSYS_NFTABLES = 10;
export const NFNL_MSG_BATCH_BEGIN = 0x10;
export const NFNL_MSG_BATCH_END = 0x11;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;
export const NFPROTO_IPV6 = 10;

/** NFT_MSG_* */
export const MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  DELRULE: 8,
  NEWSET: 9,
  GETSET: 10,
  DELSET: 11,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
  NEWGEN: 15,
  GETGEN: 16,
} as const;

/** NFTA_* by the object that they belong to. */
export const TABLE_NAME = 1;
export const TABLE_FLAGS = 2;
export const CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const;
export const HOOK = { HOOKNUM: 1, PRIORITY: 2 } as const;
export const RULE = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4, USERDATA: 7 } as const;
export const SET = {
  TABLE: 1,
  NAME: 2,
  FLAGS: 3,
  KEY_TYPE: 4,
  KEY_LEN: 5,
  DATA_TYPE: 6,
  DATA_LEN: 7,
  ID: 10,
  USERDATA: 13,
  COUNT: 20,
} as const;
export const GEN_ID = 1;
export const SET_ELEM_LIST = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const;
export const SET_ELEM = { KEY: 1, DATA: 2 } as const;
export const LIST_ELEM = 1;
export const EXPR = { NAME: 1, DATA: 2 } as const;
export const DATA = { VALUE: 1, VERDICT: 2 } as const;
export const VERDICT = { CODE: 1, CHAIN: 2 } as const;

export const NFT_SET_MAP = 0x8;
/** None of the table's chains is attached to its hook. */
export const NFT_TABLE_F_DORMANT = 0x1;

/** NFTNL_UDATA_* of libnftnl: what `nft list` reads beside the kernel's own attributes. */
export const UDATA_SET_KEYBYTEORDER = 0;
export const UDATA_SET_DATABYTEORDER = 1;
export const UDATA_RULE_COMMENT = 0;
export const BYTEORDER_HOST = 1;
export const BYTEORDER_BIG_ENDIAN = 2;

/** NF_INET_* */
export const HOOK_NUMBERS = { input: 1, forward: 2, output: 3 } as const;

/** The first of the 4-byte registers (NFT_REG32_00). */
export const REG32 = 8;
export const REG_VERDICT = 0;

/** The errors that nf_tables answers with, and what they mean there. */
export const ERRNO: Readonly<Record<number, readonly [code: string, meaning: string]>> = {
  1: ['EPERM', 'not allowed: run as root or with CAP_NET_ADMIN'],
  2: ['ENOENT', 'it, or something that it names, does not exist'],
  12: ['ENOMEM', 'the kernel has no memory for it'],
  16: ['EBUSY', 'something still uses it'],
  17: ['EEXIST', 'it exists already, and is something else'],
  22: ['EINVAL', 'the kernel finds it malformed'],
  23: ['ENFILE', 'the set is full'],
  31: ['EMLINK', 'chains jump in a circle, or too deep'],
  34: ['ERANGE', 'a value is out of range'],
  40: ['ELOOP', 'chains jump in a circle'],
  90: ['EMSGSIZE', 'one operation is too large for one message: give it in several'],
  95: ['EOPNOTSUPP', 'the kernel does not support it'],
  105: ['ENOBUFS', 'the kernel has no buffer space for it'],
};

/** `EEXIST, it exists already, and is something else` */
export function errnoText(errno: number): string {
  const [code, meaning] = ERRNO[errno] ?? [`errno ${errno}`, 'unknown to nf_tables'];
  return `${code}, ${meaning}`;
}
