// Package osf guesses from the first segment of a TCP connection which operating
// system sent it, by fingerprints in the format of p0f version 2 and OpenBSD's
// pf.os, which `nft` gives the kernel from /etc/nftables/osf/pf.os
// (NETFILTER_NETLINK_OSF).
package osf
