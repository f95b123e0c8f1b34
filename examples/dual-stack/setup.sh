# A small company with both protocols: a LAN, a server network (dmz), a tunnelled
# uplink of 1480 bytes.
#
#   pc   10.1.0.10    2001:db8:1::10 ── lan0 ┐
#                                           [fw] wan0 ── net 203.0.113.1 2001:db8:ffff::1,
#   www  192.0.2.80   2001:db8:2::80 ── dmz0 ┘           198.51.100.10 2001:db8:99::10: far hosts
. "$(dirname "$0")/../lib.sh"
for n in fw pc www net; do namespace $n; done
cable fw lan0 pc eth0
cable fw dmz0 www eth0
cable fw wan0 net eth0
at fw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
at fw ip link set wan0 mtu 1480
at net ip link set eth0 mtu 1480

# host NAME IF V4 V6 [GATEWAY4 GATEWAY6]
host() {
	at $1 ip addr add $3 dev $2
	at $1 ip addr add $4 dev $2
	[ $# -lt 6 ] && return
	at $1 ip route add default via $5
	at $1 ip route add default via $6
}
host fw lan0 10.1.0.1/24 2001:db8:1::1/64
host fw dmz0 192.0.2.1/24 2001:db8:2::1/64
host fw wan0 203.0.113.7/24 2001:db8:ffff::7/64 203.0.113.1 2001:db8:ffff::1
host pc eth0 10.1.0.10/24 2001:db8:1::10/64 10.1.0.1 2001:db8:1::1
host www eth0 192.0.2.80/24 2001:db8:2::80/64 192.0.2.1 2001:db8:2::1
host net eth0 203.0.113.1/24 2001:db8:ffff::1/64

# The far side: hosts, and the routes back. The firewall has no route for one of
# its customers' old networks, and a policy against another.
for a in 198.51.100.10/32 198.51.100.53/32 198.51.100.66/32 \
	2001:db8:99::10/128 2001:db8:99::53/128 2001:db8:99::66/128; do
	at net ip addr add $a dev lo
done
at net ip route add 192.0.2.0/24 via 203.0.113.7
at net ip route add 192.168.77.0/28 via 203.0.113.7
at net ip route add 2001:db8:1::/64 via 2001:db8:ffff::7
at net ip route add 2001:db8:2::/64 via 2001:db8:ffff::7
at fw ip route add unreachable 2001:db8:dead::/48
at fw ip route add prohibit 198.51.100.128/25

warm fw 10.1.0.10 192.0.2.80 203.0.113.1 2001:db8:1::10 2001:db8:2::80 2001:db8:ffff::1
