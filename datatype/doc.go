// Package datatype holds nftables' data types: the kinds of value that a
// header field, a metadata key or a set element can have, how each is written
// in the nft language and how nft prints it.
//
// A type has nft's number (sets carry it to the kernel, six bits a field in a
// concatenation), a size, a byte order and a base type: ct_state is a bitmask,
// a bitmask is an integer. Parse turns a word into the bytes that a register
// would hold; Format turns such bytes back into the text of `nft list`. Both
// follow the chain of base types, so that an unknown ICMP type is still a
// number.
//
// Names that belong to a machine (interfaces, users, groups) come from an Env
// that the caller gives; protocol and service names are built in, so that the
// same input compiles to the same bytes everywhere.
//
// Host byte order is little endian, as on the machines whose rulesets nft is
// compared with.
package datatype
