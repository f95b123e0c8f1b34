# One server and the network in front of it.
#
#   [fw] eth0 192.0.2.10 ── net 192.0.2.1, 192.0.2.50 (an administrator's desk),
#                               198.51.100.0/24 (clients), 203.0.113.66 (a pest)
. "$(dirname "$0")/../lib.sh"
for n in fw net; do namespace $n v4; done
cable fw eth0 net eth0
at fw sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1
at fw ip addr add 192.0.2.10/24 dev eth0
at fw ip route add default via 192.0.2.1
at net sysctl -qw net.ipv4.ip_forward=1
at net ip addr add 192.0.2.1/24 dev eth0
at net ip addr add 192.0.2.50/24 dev eth0
for a in 198.51.100.5 198.51.100.6 198.51.100.7 203.0.113.66; do at net ip addr add $a/32 dev lo; done
warm fw 192.0.2.1 192.0.2.50
