# A load balancer in front of three servers, which reach the world through it.
#
#   s1 10.0.0.11 ─┐
#   s2 10.0.0.12 ─┼ switch ── srv0 [fw] wan0 ── net 203.0.113.1, which also holds
#   s3 10.0.0.13 ─┘           .1       203.0.113.80      198.51.100.0/24: the clients
. "$(dirname "$0")/../lib.sh"
for n in fw switch s1 s2 s3 net; do namespace $n v4; done
cable fw srv0 switch p0
at switch ip link add br0 type bridge mcast_snooping 0
at switch ip link set p0 master br0
at switch ip link set br0 up
for i in 1 2 3; do
	cable s$i eth0 switch p$i
	at switch ip link set p$i master br0
	at s$i ip addr add 10.0.0.1$i/24 dev eth0
	at s$i ip route add default via 10.0.0.1
done
cable fw wan0 net eth0
at fw sysctl -qw net.ipv4.ip_forward=1
at fw ip addr add 10.0.0.1/24 dev srv0
at fw ip addr add 203.0.113.80/24 dev wan0
at fw ip route add default via 203.0.113.1
at net ip addr add 203.0.113.1/24 dev eth0
for i in 1 2 3 4 5 6 7 8; do at net ip addr add 198.51.100.$i/32 dev lo; done
warm fw 10.0.0.11 10.0.0.12 10.0.0.13 203.0.113.1
