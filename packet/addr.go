package packet

// An Addr is an IPv4 or IPv6 address in network byte order. An IPv4 address
// fills the first four bytes and the rest is zero, as in the kernel's
// nf_inet_addr, so that addresses compare by value whatever their family.
type Addr [16]byte
