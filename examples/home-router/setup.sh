# A home: a switch with a PC and a small web server, a router, and a provider
# whose PPPoE-like link takes 1492 bytes.
#
#   pc 192.168.1.10 ─┐
#                 switch ── lan0 [fw] wan0 ── isp 203.0.113.1, which also holds
#   nas 192.168.1.20 ┘   .1        203.0.113.7     198.51.100.0/24: the Internet
. "$(dirname "$0")/../lib.sh"
for n in fw switch pc nas isp; do namespace $n v4; done
cable fw lan0 switch p1
cable pc eth0 switch p2
cable nas eth0 switch p3
cable fw wan0 isp eth0
at switch ip link add br0 type bridge mcast_snooping 0
for p in p1 p2 p3; do at switch ip link set $p master br0; done
at switch ip link set br0 up

at fw sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1 \
	net.ipv4.conf.lan0.rp_filter=1 net.ipv4.conf.wan0.rp_filter=1 \
	net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.lan0.send_redirects=0 net.ipv4.conf.wan0.send_redirects=0
at fw ip addr add 192.168.1.1/24 dev lan0
at fw ip addr add 203.0.113.7/24 dev wan0
at fw ip link set wan0 mtu 1492
at fw ip route add default via 203.0.113.1

at pc ip addr add 192.168.1.10/24 dev eth0
at pc ip route add default via 192.168.1.1
at nas ip addr add 192.168.1.20/24 dev eth0
at nas ip route add default via 192.168.1.1
at isp ip addr add 203.0.113.1/24 dev eth0
at isp ip link set eth0 mtu 1492
for a in 10 53 66 99; do at isp ip addr add 198.51.100.$a/32 dev lo; done
warm fw 192.168.1.10 192.168.1.20 203.0.113.1
warm pc 192.168.1.20
