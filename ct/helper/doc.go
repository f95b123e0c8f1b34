// Package helper reads what application protocols say to each other about
// connections to come, so that these are expected and related, and where
// addresses are translated, changes what is said to match.
//
// A protocol is a file: what it looks for and what it announces, as the kernel's
// helper of that name does (net/netfilter/nf_conntrack_ftp.c and so on), and
// below, what NAT makes of it (nf_nat_ftp.c). The list of them with the bounds of
// their expectations is in register.go. A helper that meets what it can't follow
// drops the packet, because a wrong guess would lose the connection later.
package helper
