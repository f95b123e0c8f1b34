// Package nf is the vocabulary of Netfilter: families, hooks, priorities,
// verdicts, connection-tracking states and protocol numbers, each with its
// name as nft prints it and the number the kernel gives it.
//
// It holds no logic and imports nothing of nfvm, so that every other package
// can speak the same language without knowing its neighbours. Numbers are
// those of the kernel's uapi headers (linux/netfilter.h,
// linux/netfilter/nf_tables.h, linux/netfilter/nf_conntrack_common.h).
package nf
