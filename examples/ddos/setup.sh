# A server behind a firewall, and an Internet with people and with a botnet.
#
#   server 192.0.2.80 ── srv0 [fw] wan0 ── net 203.0.113.1, which also holds
#                         .1     203.0.113.7   198.51.100.0/24: the Internet
. "$(dirname "$0")/../lib.sh"
for n in fw server net; do namespace $n v4; done
cable fw srv0 server eth0
cable fw wan0 net eth0
# The proxy needs timestamps, to remember what it hasn't written down, and must not
# see connections begin in the middle.
at fw sysctl -qw net.ipv4.ip_forward=1 net.ipv4.tcp_syncookies=1 net.ipv4.tcp_timestamps=1 \
	net.netfilter.nf_conntrack_tcp_loose=0
at fw ip addr add 192.0.2.1/24 dev srv0
at fw ip addr add 203.0.113.7/24 dev wan0
at fw ip route add default via 203.0.113.1
at server ip addr add 192.0.2.80/24 dev eth0
at server ip route add default via 192.0.2.1
at net ip addr add 203.0.113.1/24 dev eth0
for i in 5 6 7 8 9; do at net ip addr add 198.51.100.$i/32 dev lo; done
at net ip route add 192.0.2.0/24 via 203.0.113.7
warm fw 192.0.2.80 203.0.113.1
